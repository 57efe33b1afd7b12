import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Worker } from 'node:worker_threads';
import { describe, expect, it } from 'vitest';
import { nowEpochMs, originErrorMs } from '../harness/now.ts';

const ORIGIN_EPOCH_MS = 1_800_000_000_000.25;
const LOOK_MS = 0.0001;
const NOW = new URL('../harness/now.ts', import.meta.url).href;
const WRONG_BY_MS = 10_000;

/** A process whose origin is too early by so much; looking at a clock takes a moment. */
function clocks(tooEarlyMs: number) {
  let monotonicMs = 40.4;
  return {
    originEpochMs: ORIGIN_EPOCH_MS - tooEarlyMs,
    monotonicMs: () => {
      monotonicMs += LOOK_MS;
      return monotonicMs;
    },
    wallEpochMs: () => Math.floor(ORIGIN_EPOCH_MS + monotonicMs),
  };
}

describe('the clock of a process', () => {
  it.for([0, 0.3, -0.3])('that began %d ms too early is near enough', (tooEarlyMs) => {
    expect(originErrorMs(clocks(tooEarlyMs))).toBe(0);
  });

  it.for([1.5, 8, 646, -3])('that began %d ms too early is found out', (tooEarlyMs) => {
    const foundMs = originErrorMs(clocks(tooEarlyMs));
    expect(Math.abs(foundMs - tooEarlyMs)).toBeLessThan(0.01);
  });

  it('is no endless search where the clock on the wall stands still', () => {
    expect(originErrorMs({ ...clocks(8), wallEpochMs: () => Math.floor(ORIGIN_EPOCH_MS) })).toBeTypeOf('number');
  });

  it('is set right before anything is stamped', async () => {
    const script = `
      Object.defineProperty(performance, 'timeOrigin', { value: performance.timeOrigin - ${WRONG_BY_MS} });
      const { nowEpochMs } = await import(${JSON.stringify(NOW)});
      console.log(nowEpochMs() - Date.now());
    `;
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
    expect(Math.abs(Number(stdout))).toBeLessThan(WRONG_BY_MS / 2);
  });

  it('is that of its threads', async () => {
    const script = `import(${JSON.stringify(NOW)}).then(({ nowEpochMs }) => {
      const { parentPort } = require('node:worker_threads');
      parentPort.on('message', () => parentPort.postMessage(nowEpochMs()));
      parentPort.postMessage(0);
    });`;
    const thread = new Worker(script, { eval: true });
    const next = () => new Promise<number>((resolve) => thread.once('message', resolve));
    await next();
    const before = nowEpochMs();
    const answer = next();
    thread.postMessage('');
    const said = await answer;
    await thread.terminate();
    expect(said).toBeGreaterThan(before - 1);
    expect(said).toBeLessThan(nowEpochMs() + 1);
  });
});
