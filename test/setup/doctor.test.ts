import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { checkProgram, renderChecks } from '../../harness/cli/doctor.ts';
import { loopbackTrouble } from '../../harness/setup/machine.ts';

const MAIN = fileURLToPath(new URL('../../harness/cli/main.ts', import.meta.url));

describe('doctor', () => {
  it('calls a program missing only when a run needs it', () => {
    expect(checkProgram('sipp', { state: 'missing' })).toMatchObject({ subject: 'SIPp', state: 'missing' });
    expect(checkProgram('kamailio', { state: 'broken', path: '/x', why: 'no' })).toMatchObject({ state: 'missing' });
    expect(checkProgram('chromium', { state: 'missing' })).toMatchObject({ state: 'absent' });
  });

  it('warns of a version that was not tested', () => {
    const old = { state: 'found', path: '/opt/kamailio', version: '5.4.4' } as const;
    expect(checkProgram('kamailio', old)).toEqual({
      subject: 'Kamailio',
      state: 'warning',
      seen: '5.4.4 (/opt/kamailio): Kamailio 5.4.4 was not tested with Ringfence; tested: 5.6.x and 6.x',
    });
  });

  it('lines its table up', () => {
    const table = renderChecks([
      { subject: 'SIPp', state: 'missing', seen: 'not found' },
      { subject: 'loopback', state: 'ok', seen: 'fine' },
    ]);
    expect(table).toBe('SIPp      missing  not found\nloopback  ok       fine\n');
  });

  it('sees when an address cannot be listened on', async () => {
    expect(await loopbackTrouble()).toBeNull();
    expect(await loopbackTrouble('192.0.2.1')).toContain('192.0.2.1');
  });

  it('ends with 0 on a machine where these tests run', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [MAIN, 'doctor']);
    expect(stdout).toMatch(/^SIPp +(ok|warning) +3\./m);
    expect(stdout).toContain('./ringfence run can work here.');
  });
});
