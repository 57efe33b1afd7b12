/** The user's own application places the calls: real processes, real SIP, the harness reads the wire. */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Application } from '../../harness/callers/application/application-caller.ts';
import { applicationDescription } from '../../harness/callers/application/contract.ts';
import { describedBy } from '../../harness/processes/description.ts';
import { programLauncher } from '../../harness/processes/launcher.ts';
import { smallRun } from '../helpers/small-run.ts';
import { scratch } from '../setup/scratch.ts';

const PROGRAM = fileURLToPath(new URL('fixtures/dialler.ts', import.meta.url));

async function fixture(env: Readonly<Record<string, string>> = {}): Promise<Application> {
  await using place = await scratch();
  const launcher = programLauncher('command:fixture', { command: process.execPath, args: [PROGRAM], env });
  const description = await describedBy({
    launcher,
    logFile: join(place.dir, 'describe.log'),
    timeoutMs: 20_000,
    page: 'docs/callers.md',
    read: applicationDescription,
  });
  return { launcher, description };
}

describe.concurrent('an application that is given the headers', () => {
  it('comes to the verdicts that SIPp comes to, in every behaviour', async () => {
    const { results } = await smallRun({
      application: await fixture({ FIXTURE_HEADERS: 'given' }),
      policies: ['ms-sipre'],
      situations: [
        'voicemail-no-answer',
        'voicemail-busy',
        'answered-by-callee',
        'missed-call-hangup-while-ringing',
        'missed-call-hangup-in-greeting',
      ],
      variants: ['none', 'target-class-secondary', 'sensitivity-private-no-diversion'],
      inTime: true,
    });
    expect(results.filter(({ verdict }) => verdict !== 'pass' && verdict !== 'unspecified')).toEqual([]);
    const said = results.map(({ situation, variant, observed }) => `${situation} ${variant} ${observed.outcome}`);
    expect(said).toContain('voicemail-no-answer none engaged');
    expect(said).toContain('voicemail-no-answer target-class-secondary suppressed');
  });
});
