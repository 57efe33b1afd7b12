/** SIPp as the other end: a SIP implementation by other hands. */
import { spawnSync } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DrachtioServer, type WireRecord } from '../../harness/drachtio/index.ts';
import { connectSrf } from '../../harness/endpoints/srf.ts';
import { freePort } from '../../harness/processes/addresses.ts';
import { type StartedProcess, startProcess } from '../../harness/processes/process.ts';

const CALLER = '127.0.0.77';
const CALLS = 20;
const sippMissing = spawnSync('sipp', ['-v']).error !== undefined;

async function sipp(resources: AsyncDisposableStack, port: number, args: readonly string[]): Promise<StartedProcess> {
  const dir = await mkdtemp(join(tmpdir(), 'ringfence-sipp-'));
  resources.defer(() => rm(dir, { recursive: true, force: true }));
  const own = ['-i', CALLER, '-p', String(port), '-ci', CALLER, '-mi', CALLER];
  return resources.use(
    await startProcess({
      command: 'sipp',
      args: [...own, '-nostdin', '-timeout', '15s', '-timeout_error', ...args],
      cwd: dir,
      logFile: join(dir, 'sipp.log'),
      install: 'apt-get install sip-tester',
    }),
  );
}

describe.skipIf(sippMissing)(`SIPp${sippMissing ? ' (skipped: sipp is not installed)' : ''}`, () => {
  describe.for([
    ['udp', 'u1'],
    ['tcp', 't1'],
  ] as const)('over %s', ([protocol, mode]) => {
    it.for([
      ['calls and hangs up', ['-sn', 'uac'], 'answer'],
      ['calls and gives up while it rings', ['-sf', join(import.meta.dirname, 'uac-cancel.xml')], 'ring'],
    ] as const)('%s', async ([, script, behaviour]) => {
      await using resources = new AsyncDisposableStack();
      const records: WireRecord[] = [];
      const server = resources.use(
        await DrachtioServer.start({ sip: { host: '127.0.0.1' }, recorder: (record) => records.push(record) }),
      );
      const app = await connectSrf({ ...server.control, secret: server.secret });
      resources.defer(() => app.disconnect());
      let cancelled = 0;
      app.invite((request, response) => {
        if (behaviour === 'answer') app.createUAS(request, response, { localSdp: 'v=0\r\n' }, () => {});
        else {
          request.on('cancel', () => cancelled++);
          response.send(180, {}, () => {});
        }
      });
      const target = `${server.sip.host}:${server.sip.port}`;
      const args = [...script, '-t', mode, '-m', String(CALLS), '-r', '100', target];
      const caller = await sipp(resources, await freePort(CALLER), args);
      const { code, logTail } = await caller.exited;
      expect(code, logTail).toBe(0);
      expect(cancelled).toBe(behaviour === 'answer' ? 0 : CALLS);
      const invites = records.filter(({ bytes }) => bytes.toString('latin1', 0, 7) === 'INVITE ');
      expect(invites).toHaveLength(CALLS);
      expect(invites.every((record) => record.protocol === protocol)).toBe(true);
    });
  });

  it('answers calls of an application', async () => {
    await using resources = new AsyncDisposableStack();
    const server = resources.use(await DrachtioServer.start({ sip: { host: '127.0.0.1' } }));
    const app = await connectSrf({ ...server.control, secret: server.secret });
    resources.defer(() => app.disconnect());
    const port = await freePort(CALLER);
    const callee = await sipp(resources, port, ['-sn', 'uas', '-m', String(CALLS)]);
    const calls = Array.from({ length: CALLS }, async () => {
      const dialog = await app.createUAC(`sip:b@${CALLER}:${port}`, { localSdp: 'v=0\r\n', proxy: '' }, {});
      await new Promise((gone) => dialog.destroy({}, gone));
    });
    await Promise.all(calls);
    const { code, logTail } = await callee.exited;
    expect(code, logTail).toBe(0);
  });
});
