/** Callers who are asked for a password, through a real lab. */
import { describe, expect, it } from 'vitest';
import type { Credentials } from '../../harness/model/accounts.ts';
import { startServerProcess } from '../../harness/runtime/process/server-process.ts';
import { plainCaller } from '../callers/plain-caller.ts';
import { type SmallRun, type SmallRunResult, smallRun } from '../helpers/small-run.ts';
import { asksCallers, CUSTOMER, challengingKamailio } from './challenging-kamailio.ts';

const SITUATIONS = [
  'voicemail-no-answer',
  'voicemail-busy',
  'missed-call-hangup-while-ringing',
  'missed-call-hangup-in-greeting',
  'answered-by-callee',
];
const VARIANTS = ['none', 'target-class-secondary', 'sensitivity-private-no-diversion'];

const challenged = (by: 401 | 407, qop: boolean, callers?: Credentials, over: Partial<SmallRun> = {}) => {
  const server = challengingKamailio(callers);
  return smallRun({
    server,
    startServer: (site) => startServerProcess(server, { ...site, editConfig: asksCallers(by, qop) }),
    policies: ['ms-sipre'],
    situations: SITUATIONS,
    variants: VARIANTS,
    inTime: true,
    ...over,
  });
};
const whyOf = ({ results }: Awaited<ReturnType<typeof smallRun>>): Set<string> =>
  new Set(results.map(({ verdict, why }) => `${verdict}: ${why}`));

let unasked: Promise<SmallRunResult> | undefined;
/** On a server that asks nobody. */
function plainRun(): Promise<SmallRunResult> {
  unasked ??= smallRun({ policies: ['ms-sipre'], situations: SITUATIONS, variants: VARIANTS, inTime: true });
  return unasked;
}

/** On a busy machine a canary's round comes during the call, and is asked as well. */
const everyOne =
  (pattern: RegExp) =>
  (reasons: ReadonlySet<string>): boolean =>
    reasons.size > 0 && [...reasons].every((each) => pattern.test(each));

describe.concurrent('a server that asks callers for a password', () => {
  it.for<[401 | 407, boolean]>([
    [407, true],
    [401, false],
  ])('by %i, qop %o: is answered, and the verdicts are those of one that does not ask', async ([by, qop]) => {
    // One after the other: labs beside each other make each other late.
    const plain = await plainRun();
    const asked = await challenged(by, qop, CUSTOMER);
    const saidOf = ({ results }: typeof asked): string[] =>
      results.map(({ situation, variant, verdict, observed, why }) =>
        [situation, variant, verdict, observed.outcome, observed.status, observed.calleeRang, why].join(' '),
      );
    expect(saidOf(asked)).toEqual(saidOf(plain));
    for (const { messages } of asked.outcome.observations.values()) {
      const atCaller = messages.filter(({ from, to }) => from === 'caller' || to === 'caller');
      const said = atCaller.map(
        ({ startLine, cseq }) => `${startLine.split(' ')[startLine.startsWith('SIP') ? 1 : 0]} ${cseq}`,
      );
      // On a busy machine each of them may be repeated (RFC 3261 17.1.1.2, 17.2.1).
      const begin = [...new Set(said)].slice(0, 4);
      expect(begin).toEqual(['INVITE 1 INVITE', `${by} 1 INVITE`, 'ACK 1 ACK', 'INVITE 2 INVITE']);
      const again = atCaller[said.indexOf('INVITE 2 INVITE')]?.raw ?? '';
      expect(again).toMatch(by === 407 ? /^Proxy-Authorization: Digest /m : /^Authorization: Digest /m);
      expect(/qop="?auth/.test(again)).toBe(qop);
    }
  });

  it('that nobody can answer proves nothing, and says what is missing', async () => {
    const run = await challenged(407, true, undefined, { situations: ['voicemail-busy'], inTime: false });
    expect(whyOf(run)).toSatisfy(everyOne(/^inconclusive: .*the server asks for a password that nobody gave \(407\)/));
  });

  it('that refuses the password proves nothing, and says so', async () => {
    const wrong = { ...CUSTOMER, password: 'another' };
    const run = await challenged(407, true, wrong, { situations: ['voicemail-busy'], inTime: false });
    expect(whyOf(run)).toSatisfy(everyOne(/^inconclusive: .*the server asks for a password again \(407\)/));
  });

  it('is not asked through a caller that cannot answer', async () => {
    const run = await challenged(407, true, CUSTOMER, {
      situations: ['voicemail-busy'],
      caller: (host) => plainCaller(host),
    });
    expect(whyOf(run)).toEqual(
      new Set(['unsupported: Plain caller 1 cannot answer a server that asks for a password (401, 407)']),
    );
  });
});
