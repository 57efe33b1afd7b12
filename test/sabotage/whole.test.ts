/** Every sabotage on a real lab: the proof that the proofs are worth something. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sabotages } from '../../harness/sabotage/registry.ts';
import { ringfence } from '../helpers/cli.ts';

// Labs wait for each other on a slow machine: beside images being built, nine minutes.
const TIMEOUT_MS = 1_800_000;

it('no proven negative stays green under a sabotage meant for it, and nothing lawful fails', {
  timeout: TIMEOUT_MS,
}, async () => {
  const report = await mkdtemp(join(tmpdir(), 'ringfence-test-'));
  try {
    const { exitStatus, stdout, stderr } = await ringfence(['sabotage', '--report', report], { timeoutMs: TIMEOUT_MS });
    const breaking = sabotages.filter(({ lawful }) => lawful === undefined).length;
    expect(stdout, stderr).toContain(`${breaking} of ${breaking} sabotages noticed`);
    expect(exitStatus, stdout).toBe(0);
    expect(JSON.parse(await readFile(join(report, 'sabotage.json'), 'utf8'))).toMatchObject({ exitStatus: 0 });
  } finally {
    await rm(report, { recursive: true, force: true });
  }
});
