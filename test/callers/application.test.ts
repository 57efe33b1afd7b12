/** The user's own application places the calls: real processes, real SIP, the harness reads the wire. */

import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { Application } from '../../harness/callers/application/application-caller.ts';
import { applicationDescription } from '../../harness/callers/application/contract.ts';
import { LabError } from '../../harness/errors.ts';
import { describedBy } from '../../harness/processes/description.ts';
import { programLauncher } from '../../harness/processes/launcher.ts';
import { labCertificates } from '../../harness/runtime/process/lab-certificates.ts';
import { startServerProcess } from '../../harness/runtime/process/server-process.ts';
import type { ServerSite } from '../../harness/runtime/process/site.ts';
import { startKamailio } from '../../harness/runtime/process/start-kamailio.ts';
import { smallRun } from '../helpers/small-run.ts';
import { asksCallers, CUSTOMER, challengingKamailio } from '../servers/challenging-kamailio.ts';
import { scratch } from '../setup/scratch.ts';

const PROGRAM = fileURLToPath(new URL('fixtures/dialler.ts', import.meta.url));

const EXAMPLE = fileURLToPath(new URL('../../docs/examples/dialler.ts', import.meta.url));

function fixture(env: Readonly<Record<string, string>> = {}): Promise<Application> {
  return described(PROGRAM, env);
}

async function described(program: string, env: Readonly<Record<string, string>> = {}): Promise<Application> {
  await using place = await scratch();
  const launcher = programLauncher('command:fixture', { command: process.execPath, args: [program], env });
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

describe.concurrent('an application whose edge speaks something else with the server', () => {
  it.for(['tcp', 'tls'] as const)('places its calls over %s, and is told nothing of it', async (transport) => {
    await using certificates = await labCertificates();
    const tls = transport === 'tls';
    const { outcome, results, cell } = await smallRun({
      application: await fixture({ FIXTURE_HEADERS: 'given' }),
      transport,
      ...(tls && {
        tls: certificates.ours,
        startServer: (site: ServerSite) => startKamailio({ ...site, tls: certificates.server }),
      }),
      situations: ['voicemail-busy', 'answered-by-callee', 'missed-call-hangup-in-greeting'],
      variants: ['none', 'target-class-secondary'],
      inTime: true,
    });
    expect(results.map(({ id, verdict, why }) => (verdict === 'pass' ? verdict : `${id}: ${why}`))).toEqual(
      results.map(() => 'pass'),
    );
    expect(cell('missed-call-hangup-in-greeting', 'none').observed.outcome).toBe('engaged');
    const { messages = [] } = outcome.observations.get(cell('voicemail-busy', 'target-class-secondary').id) ?? {};
    const own = messages.filter(({ from, to }) => from === 'caller' && to === 'server').map(({ raw }) => raw);
    expect(own.length).toBeGreaterThan(1);
    for (const raw of own) expect(raw.match(/^Via: \S+/gm)).toEqual([`Via: SIP/2.0/${transport.toUpperCase()}`]);
  });

  it('keeps the dialog of one that goes by the Routes, as the example does', async () => {
    await using certificates = await labCertificates();
    const { outcome, cell } = await smallRun({
      application: await described(EXAMPLE),
      transport: 'tls',
      tls: certificates.ours,
      startServer: (site: ServerSite) => startKamailio({ ...site, tls: certificates.server }),
      situations: ['answered-by-callee'],
      variants: ['as-sent'],
      inTime: true,
    });
    const { id, verdict, why } = cell('answered-by-callee', 'as-sent');
    expect(verdict, why ?? '').toBe('pass');
    const sent = outcome.observations.get(id)?.messages.filter(({ from }) => from === 'caller') ?? [];
    // On a busy machine one may be repeated (RFC 3261 17.1.1.2).
    expect([...new Set(sent.map(({ cseq }) => cseq))].map((cseq) => cseq.replace(/^\d+ /, ''))).toEqual([
      'INVITE',
      'ACK',
      'BYE',
    ]);
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

  it.for([
    ['BYE', 'header-later', 'voicemail-busy'],
    ['CANCEL', 'header-later', 'missed-call-hangup-while-ringing'],
    ['re-INVITE', 'header-on-reinvite', 'voicemail-busy'],
  ] as const)('fails with the header on its %s alone, which is named', async ([request, fault, situation]) => {
    const { cell } = await run({ FIXTURE_HEADER: 'Ms-Target-Class: secondary', FIXTURE_FAULT: fault }, [situation]);
    const { verdict, why } = cell(situation, 'as-sent', 'ms-sipre');
    expect(verdict, why ?? '').toBe('fail');
    expect(why).toContain(`no header that the matrix knows (its ${request} did), and target-class-secondary would`);
  });

  it('may say what it likes', async () => {
    const { cell } = await run({ FIXTURE_FAULT: 'babbles', FIXTURE_HEADER: 'Ms-Target-Class: secondary' });
    expect(cell('voicemail-busy', 'as-sent', 'ms-sipre').verdict).toBe('pass');
  });
});

/** Each of them carries the header that keeps a call out, so that a false `pass` would look right. */
describe.concurrent('an application that goes wrong proves nothing', () => {
  const run = async (fault: string, situations: readonly string[], header = 'Ms-Target-Class: secondary') => {
    const { results } = await smallRun({
      application: await fixture({ FIXTURE_FAULT: fault, FIXTURE_HEADER: header }),
      policies: ['ms-sipre'],
      situations,
      variants: ['as-sent'],
      inTime: true,
    });
    expect(results.filter(({ variant }) => variant === 'none').map(({ verdict }) => verdict)).toEqual(
      situations.map(() => 'pass'),
    );
    return results.filter(({ variant }) => variant === 'as-sent').map(({ verdict, why }) => `${verdict}: ${why}`);
  };
  const BUSY = ['voicemail-busy', 'voicemail-declined'];

  it.for([
    ['hangs', /^inconclusive: the application had sent no INVITE 5000 ms after it was told to/],
    [
      'elsewhere',
      /^inconclusive: the application had sent no INVITE 5000 ms .*; the application called sip:somebody-else@ms-sipre.test, which it had not been told to/,
    ],
    [
      'other-domain',
      /^inconclusive: the application called sip:\S+@plain.test where it was told to call sip:\S+@ms-sipre/,
    ],
    [
      'always-first',
      /^inconclusive: the application (called sip:\S+ twice; it was told to once|had sent no INVITE 5000 ms)/,
    ],
    ['twice', /^inconclusive: the application called sip:\S+ twice; it was told to once/],
    ['once-more', /^inconclusive: the application called sip:\S+, which it had not been told to, or not again/],
  ] as const)('when it %s', async ([fault, why]) => {
    const said = await run(fault, BUSY);
    expect(said).toEqual(BUSY.map(() => expect.stringMatching(why)));
  });

  it('when it ends before its calls have; what was over by then is judged', async () => {
    const said = await run('exits', BUSY);
    const lost = /^inconclusive: the application did not live to the end of its calls: it ended with exit status 7/;
    expect(said).toEqual(expect.arrayContaining([expect.stringMatching(lost)]));
    for (const each of said) expect(each).toMatch(new RegExp(`${lost.source}|^pass: null$`));
  });

  it('when it stands still in the midst of a call, and is ended all the same', async () => {
    const said = await run('freezes', ['voicemail-no-answer']);
    // Called again in a lab that was late, it stands still from the first moment on.
    expect(said).toEqual([
      expect.stringMatching(
        /^inconclusive: the application (did not finish a call within \d+ ms of being told of it|had sent no INVITE 5000 ms)/,
      ),
    ]);
  });

  it.for([
    [
      'impatient',
      'voicemail-no-answer',
      /^inconclusive: the caller gave up \d+ ms after its INVITE, and the server may take \d+ ms for all that it tries/,
    ],
    [
      'dawdles',
      'missed-call-hangup-in-greeting',
      /^inconclusive: the caller was to hang up in the greeting of voice mail, and hung up \d+ ms after the answer/,
    ],
    [
      'dawdles',
      'missed-call-hangup-while-ringing',
      /^inconclusive: the caller was to hang up while it rings, and did not/,
    ],
    ['no-hops', 'voicemail-busy', /^inconclusive: the server refused the call \(483\) and asked nobody/],
    ['no-hops', 'answered-by-callee', /^inconclusive: the server refused the call \(483\) and asked nobody/],
  ] as const)('when it %s, in %s', async ([fault, situation, why]) => {
    expect(await run(fault, [situation], '')).toEqual([expect.stringMatching(why)]);
  });
});

describe.concurrent('an application that is told of header lines', () => {
  const run = async (env: Readonly<Record<string, string>>) =>
    smallRun({ application: await fixture(env), situations: ['voicemail-busy'], variants: ['target-class-secondary'] });

  it('and leaves them out, proves nothing of them', async () => {
    const { cell } = await run({ FIXTURE_HEADERS: 'given', FIXTURE_FAULT: 'drops-header' });
    const { verdict, why } = cell('voicemail-busy', 'target-class-secondary');
    expect(`${verdict}: ${why}`).toBe(
      'inconclusive: the INVITE on record carries no header of any variant where "Ms-Target-Class: secondary" was to be sent',
    );
  });

  it('though it takes none, is not asked', async () => {
    const { cell } = await run({});
    const { verdict, why } = cell('voicemail-busy', 'target-class-secondary');
    expect(verdict).toBe('unsupported');
    expect(why).toContain('fixture 3 cannot');
  });
});

describe.concurrent('an application that is asked for a password', () => {
  const server = challengingKamailio(CUSTOMER);
  const run = async (env: Readonly<Record<string, string>>, ...more: readonly string[]) => {
    const { cell } = await smallRun({
      application: await fixture({ FIXTURE_HEADER: 'Ms-Target-Class: secondary', ...env }),
      server,
      startServer: (site) => startServerProcess(server, { ...site, editConfig: asksCallers(407, true) }),
      situations: ['voicemail-busy', ...more],
      variants: ['as-sent'],
      inTime: true,
    });
    return cell(more[0] ?? 'voicemail-busy', 'as-sent');
  };

  it('is given one, and its second INVITE is what is judged', async () => {
    const { verdict, why, observed, control } = await run({ FIXTURE_CREDENTIALS: 'given' });
    expect({ verdict, why, outcome: observed.outcome, control: control?.outcome }).toEqual({
      verdict: 'pass',
      why: null,
      outcome: 'suppressed',
      control: 'engaged',
    });
  });

  it('hangs up the call that it was allowed', async () => {
    const { verdict, why, observed } = await run({ FIXTURE_CREDENTIALS: 'given' }, 'missed-call-hangup-while-ringing');
    expect({ verdict, why, status: observed.status }).toEqual({ verdict: 'pass', why: null, status: 487 });
  });

  it('and does not answer, proves nothing', async () => {
    const { verdict, why } = await run({ FIXTURE_CREDENTIALS: 'given', FIXTURE_FAULT: 'ignores-challenge' });
    expect(`${verdict}: ${why}`).toMatch(
      /^inconclusive: the server asks for a password that nobody gave \(407\).* a calling application that answers/,
    );
  });

  it('and cannot answer, is not asked', async () => {
    const { verdict, why } = await run({});
    expect(`${verdict}: ${why}`).toBe(
      'unsupported: fixture 3 cannot answer a server that asks for a password (401, 407)',
    );
  });
});

describe.concurrent('an application that does not say what it is', () => {
  it.for([
    ['hello', /no line of JSON; it ended with exit status 0; it said last: hello/],
    ['{"name": "x"', /is no JSON/],
    ['{"name": "x", "version": "1", "maxCalls": 0}', /needs "maxCalls", a whole number from 1/],
    ['{"name": "x", "version": "1", "headers": "yes"}', /needs "headers", true or false/],
    ['{"name": "x", "version": "1", "behaviours": ["rude"]}', /needs "behaviours", a list of patient/],
  ] as const)('is refused: %s', async ([said, why]) => {
    await expect(fixture({ FIXTURE_DESCRIPTION: said })).rejects.toThrow(why);
    await expect(fixture({ FIXTURE_DESCRIPTION: said })).rejects.toThrow(LabError);
  });
});
