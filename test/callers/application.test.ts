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

describe.concurrent('an application that decides on its headers itself', () => {
  const run = async (env: Readonly<Record<string, string>>, situations = ['voicemail-busy']) =>
    smallRun({
      application: await fixture(env),
      policies: ['ms-sipre', 'plain'],
      situations,
      variants: ['as-sent'],
      inTime: true,
    });

  it('passes with the header that keeps its call out, in any spelling; the control is ours', async () => {
    const { results, cell, outcome } = await run({ FIXTURE_HEADER: 'ms-target-class:SECONDARY' }, [
      'voicemail-busy',
      'answered-by-callee',
    ]);
    expect(cell('voicemail-busy', 'as-sent', 'ms-sipre')).toMatchObject({
      verdict: 'pass',
      observed: { outcome: 'suppressed' },
      control: { outcome: 'engaged' },
    });
    expect(cell('voicemail-busy', 'as-sent', 'ms-sipre').proof?.headersSent).toEqual([
      expect.stringMatching(/^ms-target-class: ?SECONDARY$/i),
    ]);
    expect(results.map(({ verdict }) => verdict)).toEqual(results.map(() => 'pass'));
    // Nobody promises anything on a server that knows no header.
    expect(cell('voicemail-busy', 'as-sent', 'plain').observed.outcome).toBe('engaged');
    expect(outcome.caller).toEqual({ id: 'command:fixture', name: 'fixture', version: '3' });
  });

  it('fails without one, and is told which would have kept its call out', async () => {
    const { cell } = await run({});
    const { verdict, why } = cell('voicemail-busy', 'as-sent', 'ms-sipre');
    expect(verdict).toBe('fail');
    expect(why).toMatch(
      /^voice mail was reached \d+ ms after the INVITE: its INVITE carried no header that the matrix knows, and target-class-secondary would have kept the call out, says /,
    );
    expect(cell('voicemail-busy', 'as-sent', 'plain').verdict).toBe('pass');
  });

  it('fails with the header on a later request alone, which is named', async () => {
    const { cell } = await run({ FIXTURE_HEADER: 'Ms-Target-Class: secondary', FIXTURE_FAULT: 'header-later' });
    const { verdict, why } = cell('voicemail-busy', 'as-sent', 'ms-sipre');
    expect(verdict).toBe('fail');
    expect(why).toContain('no header that the matrix knows (its BYE did), and target-class-secondary would');
  });

  it.for([
    ['exits', /the application did not live to the end of its calls: it ended with exit status 7/],
    ['hangs', /the call was not placed: the caller has no INVITE on record|did not finish a call within/],
    ['elsewhere', /the call was not placed: the caller has no INVITE on record|did not finish a call within/],
    ['twice', /twice/],
  ] as const)('proves nothing when it %s', async ([fault, why]) => {
    const { results } = await smallRun({
      application: await fixture({ FIXTURE_FAULT: fault, FIXTURE_HEADER: 'Ms-Target-Class: secondary' }),
      policies: ['ms-sipre'],
      situations: ['voicemail-busy', 'voicemail-declined'],
      variants: ['as-sent'],
    });
    const its = results.filter(({ variant }) => variant === 'as-sent');
    const unproven = its.filter(({ verdict }) => verdict === 'inconclusive');
    expect(unproven.length).toBeGreaterThan(0);
    for (const cell of unproven) expect(cell.why).toMatch(why);
    expect(its.filter(({ verdict }) => verdict === 'fail')).toEqual([]);
  });

  it('may say what it likes', async () => {
    const { cell } = await run({ FIXTURE_FAULT: 'babbles', FIXTURE_HEADER: 'Ms-Target-Class: secondary' });
    expect(cell('voicemail-busy', 'as-sent', 'ms-sipre').verdict).toBe('pass');
  });
});
