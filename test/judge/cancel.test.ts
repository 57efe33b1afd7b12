/** Why a phone stopped ringing, and which reason for it came to whom. */
import { describe, expect, it } from 'vitest';
import { cancelCause, cancelCopied, cancelTold } from '../../harness/judge/cancel.ts';
import type { Leg, Observation } from '../../harness/model/observation.ts';
import { leg, rangAlone, scenario, suppressed, voicemailAnswered } from '../helpers/observations.ts';
import { verdictOn, withCaller } from './case.ts';

const SIP = 'Reason: SIP;cause=200';
const Q850 = 'Reason: Q.850;cause=26';
const OTHER = 'Reason: SIP;cause=487';
const by = (cancelledBy: 'caller' | 'answer' | 'timer') => ({ ...scenario, cancelledBy }) as const;
const phone = (over: Partial<Leg> = {}): Leg => leg('phone', { endMs: 551, ...over });
const teamAnswered = leg('team', { result: 'answered', answered: true, status: 200 });
const cancelledAt = (cancelledMs: number | null, ...legs: Leg[]): Observation =>
  withCaller(suppressed({ legs }), { cancelledMs });
const seenOf = ([check]: readonly { readonly seen: string; readonly holds: boolean | null }[]) =>
  check && [check.holds, check.seen];

describe('why a phone stopped ringing', () => {
  const causeOf = (...seen: Parameters<typeof cancelledAt>): string | undefined =>
    cancelCause(by('timer'), cancelledAt(...seen))[0]?.seen.replace(/; .*/, '');

  it.for([
    ['as the caller gave up', 551, phone(), 'the caller gave up'],
    ['as he did, within what two clocks of one moment differ by', 601, phone(), 'the caller gave up'],
    ['some time before he did', 602, phone(), "the server's time was over"],
    ['never, as far as is on record, but he gave up', 602, phone({ endMs: null }), 'the caller gave up'],
    ['by itself', null, phone(), "the server's time was over"],
  ] as const)('%s', ([, cancelledMs, own, cause]) => expect(causeOf(cancelledMs, own)).toBe(cause));

  it.for([
    ['beside it answered', teamAnswered, 'somebody else answered'],
    ['beside it only rang', leg('team'), "the server's time was over"],
    ['after it answered', voicemailAnswered, "the server's time was over"],
  ] as const)('somebody %s', ([, other, cause]) => {
    expect(causeOf(null, phone(), other)).toBe(cause);
    expect(causeOf(551, phone(), other), 'the caller gave up at that moment').toBe('the caller gave up');
  });

  it('is asked of no phone that stopped otherwise, and of no other', () => {
    expect(causeOf(551, phone({ result: 'refused', status: 486 }))).toBe('no phone was cancelled');
    expect(causeOf(551, leg('team'))).toBe('no phone was cancelled');
  });

  it('may be two things where two phones did', () => {
    const twice = cancelledAt(700, phone(), phone(), phone({ endMs: 700 }));
    const text = "the server's time was over and the caller gave up; the phone was told nothing of it";
    expect(cancelCause(by('timer'), twice)).toEqual([
      { id: 'cancel-cause', holds: false, seen: `${text}, where the server's time was over was to be the cause` },
    ]);
  });
});

describe('the cause of a situation', () => {
  it.for(['caller', 'answer', 'timer'] as const)('is %s, and no other', (planned) => {
    const seen = {
      caller: cancelledAt(550, phone()),
      answer: cancelledAt(null, phone(), teamAnswered),
      timer: cancelledAt(null, phone()),
    };
    for (const cause of ['caller', 'answer', 'timer'] as const) {
      expect(cancelCause(by(planned), seen[cause])[0]?.holds).toBe(cause === planned);
    }
  });

  it('is proven by a phone that was cancelled', () => {
    expect(seenOf(cancelCause(by('caller'), cancelledAt(550)))).toEqual([
      false,
      'no phone was cancelled; the phone was told nothing of it, where the caller gave up was to be the cause',
    ]);
  });

  it('proves nothing of the server where it was another', () => {
    const seen = suppressed({ legs: [phone()] });
    expect(verdictOn({ scenario: by('answer'), seen })).toMatchObject({
      verdict: 'inconclusive',
      why: "the server's time was over; the phone was told nothing of it, where somebody else answered was to be the cause",
    });
    expect(verdictOn({ scenario: by('timer'), seen }).verdict).toBe('pass');
  });

  it('is asked only where the situation is about it', () => {
    expect(cancelCause(scenario, cancelledAt(550, phone()))).toEqual([]);
  });
});

describe('what the phone was told', () => {
  const toldOf = (...legs: Leg[]): string | undefined =>
    cancelCause(by('timer'), cancelledAt(null, ...legs))[0]?.seen.replace("the server's time was over; the phone ", '');

  it('is all that came to it', () => {
    expect(toldOf(phone({ cancelReasons: [SIP, Q850] }))).toBe(`was told "${SIP}", "${Q850}"`);
    expect(toldOf(phone({ cancelReasons: [SIP] }), phone({ cancelReasons: [Q850] }))).toBe(
      `was told "${SIP}", "${Q850}"`,
    );
    expect(toldOf(phone())).toBe('was told nothing of it');
  });

  const hops = ['server', 'proxy', 'edge:5070'];
  it.for([
    ['the last hop had been told more', { hopCancelReasons: [SIP, Q850] }, `"${SIP}", "${Q850}"`],
    ['the last hop had been told less', { hopCancelReasons: [], cancelReasons: [SIP] }, 'none'],
    ['the last hop had been told something else', { hopCancelReasons: [Q850], cancelReasons: [SIP] }, `"${Q850}"`],
    [
      'the last hop had been told in another order',
      { hopCancelReasons: [SIP, Q850], cancelReasons: [Q850, SIP] },
      `"${SIP}", "${Q850}"`,
    ],
  ] as const)('is beside that %s', ([, reasons, had]) => {
    const own = phone({ cancelReasons: [Q850], hops });
    const { cancelReasons: _none, ...silent } = own;
    expect(toldOf({ ...silent, ...reasons })).toMatch(`; the hop edge:5070 behind the server had been told ${had}`);
  });

  it('is beside what a hop without a name had been told', () => {
    expect(toldOf(phone({ hopCancelReasons: [SIP] }))).toMatch(
      /; the hop behind the server had been told "Reason: SIP;cause=200"$/,
    );
  });

  it.for([
    ['the last hop had been told as much', { hopCancelReasons: [SIP], cancelReasons: [SIP] }, `"${SIP}"`],
    ['the last hop had been told nothing either', { hopCancelReasons: [] }, 'nothing of it'],
    ['it is not on record what the last hop was told', { cancelReasons: [SIP] }, `"${SIP}"`],
  ] as const)('is all there is to say where %s', ([, reasons, told]) => {
    expect(toldOf(phone({ hops, ...reasons }))).toBe(`was told ${told}`);
  });
});

describe('what the server was told', () => {
  const told = (cancelReasons: readonly string[] | undefined, b2bua?: Partial<Observation['b2bua'] & {}>) => {
    const seen = withCaller(suppressed(), { cancelledMs: 550, ...(cancelReasons && { cancelReasons }) });
    const hop = b2bua && { b2bua: { got: [], others: [], finalStatus: 487, ...b2bua } };
    return seenOf(cancelTold(by('caller'), [SIP, Q850], { ...seen, ...hop }));
  };

  it('is what the caller was to say', () => {
    expect(told([SIP, Q850])).toEqual([true, `its CANCEL carried "${SIP}", "${Q850}"`]);
  });

  it.for([
    ['nothing', undefined, 'none'],
    ['half of it', [SIP], `"${SIP}"`],
    ['the other half', [Q850], `"${Q850}"`],
    ['the half of it and another', [SIP, OTHER], `"${SIP}", "${OTHER}"`],
  ] as const)('is not that where the caller said %s', ([, said, text]) => {
    const where = `the caller was to send a CANCEL with "${SIP}", "${Q850}", and sent one with ${text}`;
    expect(told(said)).toEqual([false, where]);
    const atB2bua = said === undefined ? {} : { cancelReasons: said };
    expect(told([OTHER], atB2bua), 'to a B2BUA, which said another').toEqual([false, where]);
  });

  it('is as good on other lines', () => {
    expect(told(['Reason: SIP;cause=200, Q.850;cause=26'])?.[0]).toBeNull();
  });

  it('may be lost at a B2BUA that was told', () => {
    expect(told([SIP], { cancelReasons: [SIP, Q850] })).toEqual([
      false,
      `the B2BUA got a CANCEL with "${SIP}", "${Q850}", and sent one with "${SIP}"`,
    ]);
  });

  it('is not lost at a B2BUA that was told nothing', () => {
    expect(told(undefined, {})).toEqual([
      false,
      `the caller was to send a CANCEL with "${SIP}", "${Q850}", and sent one with none`,
    ]);
  });

  it.for([
    ['he did not give up', by('caller'), [SIP], null],
    ['he was to say nothing', by('caller'), [], 550],
    ['another was to end the ring', by('timer'), [SIP], 550],
    ['the situation is not about it', scenario, [SIP], 550],
  ] as const)('is not asked where %s', ([, of, onCancel, cancelledMs]) => {
    expect(cancelTold(of, onCancel, cancelledAt(cancelledMs, phone()))).toEqual([]);
  });
});

describe("the caller's reason at the phone", () => {
  const SENT = `"${SIP}", "${Q850}"`;
  const copied = (over: Partial<Leg>) =>
    seenOf(
      cancelCopied(
        by('caller'),
        [SIP, Q850],
        withCaller(suppressed({ legs: [phone({ cancelReasons: [SIP, Q850] }), phone(over)] }), {
          cancelReasons: [SIP, Q850],
        }),
      ),
    );
  const notCopied = (got: string, where: string) => [
    false,
    `the caller's CANCEL carried ${SENT}, and the phone's carried ${got}${where}, but rfc3326-cancel-copied says that it is copied`,
  ];

  it('is to be the very same', () => {
    expect(copied({ cancelReasons: [SIP, Q850] })).toEqual([true, `the phone's CANCEL carried ${SENT}, byte for byte`]);
  });

  it('is looked at where he gave one, and in no phone that was not cancelled', () => {
    expect(copied({ result: 'refused' })?.[0]).toBe(true);
    expect(seenOf(cancelCopied(by('caller'), [SIP], cancelledAt(550, phone())))).toEqual([
      true,
      "the phone's CANCEL carried none, byte for byte",
    ]);
  });

  it.for([
    ['nothing', {}, 'none'],
    ['half of it', { cancelReasons: [SIP] }, `"${SIP}"`],
    ['half of it and another', { cancelReasons: [SIP, OTHER] }, `"${SIP}", "${OTHER}"`],
    ['more', { cancelReasons: [SIP, Q850, OTHER] }, `${SENT}, "${OTHER}"`],
  ] as const)('is not copied where the phone got %s', ([, over, got]) => {
    expect(copied(over), 'through the server').toEqual(notCopied(got, ''));
    expect(copied({ ...over, hops: ['server'] }), 'through the server, by name').toEqual(notCopied(got, ''));
  });

  it.for([
    ['at nobody knows which of two', ['a', 'b'], undefined, ' (through a and b: which lost it is not on record)'],
    [
      'at the last of two',
      ['a', 'b'],
      [SIP, Q850],
      ' (lost at the hop b behind the server, which got what the caller sent)',
    ],
    ['at the server', ['a', 'b'], [], ' (lost before the hop b behind the server, whose CANCEL carried none: at a)'],
    [
      'at one of the first two',
      ['a', 'b', 'c'],
      [SIP],
      ` (lost before the hop c behind the server, whose CANCEL carried "${SIP}": at a or b)`,
    ],
    [
      'at one that hides its name',
      undefined,
      [SIP, Q850],
      ' (lost at the hop behind the server, which got what the caller sent)',
    ],
    [
      'before one that has the name of the server',
      ['a'],
      [],
      ' (lost before the hop behind the server, whose CANCEL carried none)',
    ],
  ] as const)('was lost %s', ([, hops, hopCancelReasons, where]) => {
    expect(copied({ ...(hops && { hops }), ...(hopCancelReasons && { hopCancelReasons }) })).toEqual(
      notCopied('none', where),
    );
  });

  it.for([
    ['he was to give none', by('caller'), []],
    ['another was to end the ring', by('timer'), [SIP]],
    ['the situation is not about it', scenario, [SIP]],
  ] as const)('is not asked where %s', ([, of, onCancel]) => {
    expect(cancelCopied(of, onCancel, suppressed({ legs: [rangAlone] }))).toEqual([]);
  });
});
