/** A caller that nothing in `harness/` knows of: what the seam for callers is worth. */
import { describe, expect, it } from 'vitest';
import { smallRun } from '../helpers/small-run.ts';
import { plainCaller } from './plain-caller.ts';

const SITUATIONS = ['voicemail-no-answer', 'voicemail-busy', 'answered-by-callee'];

describe('a caller of the tests alone', () => {
  const run = (can: Parameters<typeof plainCaller>[1] = {}, situations = SITUATIONS) =>
    smallRun({
      caller: (host) => plainCaller(host, can),
      policies: ['ms-sipre'],
      situations,
      variants: ['none', 'target-class-secondary', 'sensitivity-private-no-diversion'],
      inTime: true,
    });

  it('comes to the verdicts that SIPp comes to, and is named', async () => {
    const { outcome, results } = await run();
    expect(outcome.caller).toEqual({ id: 'plain', name: 'Plain caller', version: '1' });
    expect(new Set(results.map(({ verdict, why }) => `${verdict} ${why}`))).toEqual(new Set(['pass null']));
    const said = results.map(({ situation, variant, observed }) => `${situation} ${variant} ${observed.outcome}`);
    expect(said).toContain('voicemail-no-answer none engaged');
    expect(said).toContain('voicemail-no-answer target-class-secondary suppressed');
    expect(said).toContain('answered-by-callee target-class-secondary suppressed');
  });

  it('is not asked for what it cannot do', async () => {
    const { results } = await run({ headers: false }, [
      'voicemail-busy',
      'missed-call-hangup-while-ringing',
      'direct-to-voicemail',
    ]);
    const why = new Map(
      results.map(({ situation, variant, verdict, why: reason }) => [
        `${situation} ${variant}`,
        `${verdict} ${reason}`,
      ]),
    );
    expect(why.get('voicemail-busy none')).toBe('pass null');
    expect(why.get('voicemail-busy target-class-secondary')).toBe(
      'unsupported Plain caller 1 cannot add header lines to its INVITE',
    );
    expect(why.get('missed-call-hangup-while-ringing none')).toBe(
      'unsupported Plain caller 1 cannot play a caller who is hang-up-while-ringing',
    );
    expect(why.get('direct-to-voicemail none')).toBe('unsupported Plain caller 1 cannot dial voice-mail-gruu');
  });
});
