import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HeaderField, Scenario } from '../../harness/model/scenario.ts';
import { FEATURES, POLICIES, ROUTING_FLAGS, ROUTING_LISTS, TRAPS } from '../../harness/model/words.ts';
import { expectation } from '../../harness/oracle/index.ts';
import { claims, variants } from '../../scenarios/index.ts';
import { answerTo } from './cells.ts';

const waitMs = fc.integer({ min: 0, max: 5000 });
const policy = fc.constantFrom(...POLICIES);
const knowing = fc.constantFrom(...POLICIES.filter((each) => each !== 'plain'));

/** Any situation that a user could write, sensible or not. */
const scenario: fc.Arbitrary<Scenario> = fc.record({
  id: fc.constant('any'),
  title: fc.constant('Any'),
  feature: fc.constantFrom(...FEATURES),
  subscriber: fc.record({
    flags: fc.uniqueArray(fc.constantFrom(...ROUTING_FLAGS)),
    lists: fc.uniqueArray(fc.constantFrom(...ROUTING_LISTS)),
    waits: fc.record({ totalMs: waitMs, userMs: waitMs, team2Ms: waitMs }),
    voicemail: fc.boolean(),
    doNotDisturb: fc.boolean(),
  }),
  callee: fc.oneof(
    fc.constantFrom(
      'ring' as const,
      'answer' as const,
      'busy' as const,
      'decline' as const,
      'decline-everywhere' as const,
      'do-not-disturb' as const,
      'unregistered' as const,
    ),
    fc.record({ answerAfterMs: waitMs }),
  ),
  caller: fc.constantFrom('patient' as const, 'hang-up-while-ringing' as const, 'hang-up-in-greeting' as const),
  dials: fc.constantFrom('aor' as const, 'voice-mail-gruu' as const),
  trap: fc.constantFrom(...TRAPS),
  kind: fc.constantFrom('diversion' as const, 'over-blocking' as const, 'not-a-diversion' as const),
});

const ourHeader = fc.constantFrom(
  ...new Set(variants.flatMap((each) => each.headers).filter((each) => typeof each === 'string')),
);
const headers = fc.array(ourHeader, { maxLength: 3 });

const blank = fc.constantFrom('', ' ', '\t', '  ', ' \t ');
/** The same header field, spelt in any way that RFC 3261 7.3.1 calls the same. */
const respelt = fc
  .tuple(ourHeader, fc.infiniteStream(fc.boolean()), blank, blank, blank)
  .map(([text, flips, a, b, c]) => {
    const colon = text.indexOf(':');
    const flip = (part: string): string =>
      [...part].map((letter) => (flips.next().value === true ? letter.toUpperCase() : letter.toLowerCase())).join('');
    const name = flip(text.slice(0, colon));
    const value = flip(text.slice(colon + 1).trim());
    const spellings: HeaderField[] = [
      `${name}${a}:${b}${value}${c}`,
      { name, value, spelling: 'folded' },
      { name, value: `${a}${value}${b}`, spelling: 'padded' },
    ];
    return { plain: text, spellings };
  });

const known = new Set(claims.map((claim) => claim.id));

describe('the oracle', () => {
  it('gives one answer to all spellings of a header', () => {
    fc.assert(
      fc.property(policy, scenario, respelt, (which, call, { plain, spellings }) => {
        const answer = answerTo(which, call, plain);
        for (const spelling of spellings) expect(answerTo(which, call, spelling)).toEqual(answer);
      }),
      { numRuns: 500 },
    );
  });

  it('does not heed a header that nobody has defined, nor the order of headers', () => {
    const unknown = fc.stringMatching(/^X-[A-Za-z-]{1,12}: [ -~]{0,20}$/);
    fc.assert(
      fc.property(policy, scenario, headers, unknown, (which, call, asked, extra) => {
        const answer = answerTo(which, call, ...asked);
        expect(answerTo(which, call, ...asked, extra)).toEqual(answer);
        expect(answerTo(which, call, extra, ...asked)).toEqual(answer);
        expect(answerTo(which, call, ...asked.toReversed())).toEqual(answer);
      }),
      { numRuns: 500 },
    );
  });

  it('never lets a plain server react to a header', () => {
    fc.assert(
      fc.property(scenario, headers, (call, asked) => {
        expect(answerTo('plain', call, ...asked)).toEqual(answerTo('plain', call));
      }),
    );
  });

  it('gives the same control to every policy', () => {
    fc.assert(
      fc.property(policy, scenario, (which, call) => {
        expect(answerTo(which, call)).toEqual(answerTo('plain', call));
      }),
    );
  });

  it('never demands a diversion of voice mail, forwarding or the team under MS-SIPRE no-diversion', () => {
    const noDiversion = fc.constantFrom('Ms-Sensitivity: normal-no-diversion', 'Ms-Sensitivity: private-no-diversion');
    const diversion = fc.constantFrom('voicemail' as const, 'forward-target' as const, 'team' as const);
    fc.assert(
      fc.property(scenario, noDiversion, headers, diversion, (call, header, others, trap) => {
        const asked = others.filter((each) => !/sensitivity/i.test(each));
        const { outcome } = answerTo('ms-sipre', { ...call, trap }, header, ...asked);
        expect(outcome).toBe(call.dials === 'voice-mail-gruu' ? 'unspecified' : 'suppressed');
      }),
    );
  });

  it('never demands any feature under Ms-Target-Class: secondary', () => {
    fc.assert(
      fc.property(knowing, scenario, headers, (which, call, others) => {
        expect(answerTo(which, call, 'Ms-Target-Class: secondary', ...others).outcome).not.toBe('engaged');
      }),
    );
  });

  it('never demands of a call with headers what it does not demand of its control', () => {
    fc.assert(
      fc.property(policy, scenario, headers, (which, call, asked) => {
        if (answerTo(which, call, ...asked).outcome === 'engaged') {
          expect(answerTo(which, call).outcome).toBe('engaged');
        }
      }),
      { numRuns: 500 },
    );
  });

  it('cites claims that exist, and cites none exactly when it demands nothing', () => {
    fc.assert(
      fc.property(policy, scenario, headers, (which, call, asked) => {
        const expected = expectation(which, call, { headers: asked });
        const demands =
          expected.outcome !== 'unspecified' || expected.callee !== 'unspecified' || expected.statuses.length > 0;
        expect(expected.claims.length > 0).toBe(demands);
        expect(expected.claims.filter((id) => !known.has(id))).toEqual([]);
        expect(new Set(expected.claims).size).toBe(expected.claims.length);
      }),
      { numRuns: 500 },
    );
  });

  it('answers any text at all', () => {
    const text = fc.oneof(
      fc.string(),
      fc.string({ unit: 'binary' }),
      fc.string().map((tail) => `Ms-Sensitivity:${tail}`),
    );
    const name = fc.constantFrom('Ms-Target-Class', '__proto__', 'constructor', 'd', '');
    const field = fc.oneof(
      text,
      fc.record({
        name: fc.oneof(name, text),
        value: text,
        spelling: fc.constantFrom('folded' as const, 'padded' as const),
      }),
    );
    fc.assert(
      fc.property(policy, scenario, fc.array(field, { maxLength: 4 }), (which, call, asked) => {
        expect(expectation(which, call, { headers: asked })).toMatchObject({ outcome: expect.any(String) });
      }),
      { numRuns: 1000 },
    );
  });
});
