/** What a record out of a control protocol lacks must neither be invented nor be taken for something that did not happen. */

import { describe, expect, it } from 'vitest';
import { canaries } from '../../harness/run/canary.ts';
import type { CanaryCall } from '../../harness/run/canary-caller.ts';
import { legsOf } from '../../harness/run/legs.ts';
import { sightings } from '../../harness/run/sightings.ts';
import { readItem, type WireMessage } from '../../harness/run/wire-log.ts';
import { KAMAILIO } from '../../harness/servers/kamailio/kamailio.ts';

const [canary] = canaries('test', ['ms-sipre'], KAMAILIO).filter(({ trap }) => trap === 'voicemail');
if (canary === undefined) throw new Error('no canary for voice mail');

/** `in INVITE`, `out 180`, `in CANCEL` and so on, 10 ms apart from 1000. */
function call(source: 'control' | undefined, ...steps: readonly string[]): WireMessage[] {
  return steps.flatMap((step, index) => {
    const [direction, what = ''] = step.split(' ') as ['in' | 'out', string];
    const isResponse = /^\d/.test(what);
    const start = isResponse ? `SIP/2.0 ${what} X` : `${what} sip:alice-test-c1@127.0.0.1 SIP/2.0`;
    const cseq = isResponse || what === 'CANCEL' ? `1 ${what === 'CANCEL' ? 'CANCEL' : 'INVITE'}` : `1 ${what}`;
    const bytes = Buffer.from(`${start}\r\nCall-ID: c\r\nCSeq: ${cseq}\r\nContent-Length: 0\r\n\r\n`);
    return readItem('voicemail', direction, 1000 + 10 * index, bytes, source)?.message ?? [];
  });
}

describe('the leg of a server seen by its control protocol', () => {
  it('is cancelled by a CANCEL that the server passed on, and nobody says that a 487 was seen', () => {
    expect(legsOf(call('control', 'in INVITE', 'out 180', 'in CANCEL'), 1000)).toMatchObject([
      { result: 'cancelled', status: null, rang: true, answered: false, startMs: 0, endMs: 20 },
    ]);
  });

  it.for([
    ['is open while nobody cancelled', ['in INVITE', 'out 180'], 'open', null, null],
    ['is answered when the 200 was first', ['in INVITE', 'out 200', 'in CANCEL', 'in BYE'], 'answered', 200, 30],
    ['is refused when the refusal was first', ['in INVITE', 'out 486', 'in CANCEL'], 'refused', 486, 10],
    ['is cancelled as any other where the 487 is shown', ['in INVITE', 'in CANCEL', 'out 487'], 'cancelled', 487, 20],
  ] as const)('%s', ([, steps, result, status, endMs]) => {
    expect(legsOf(call('control', ...steps), 1000)).toMatchObject([{ result, status, endMs }]);
  });

  it('is no exception for a server whose wire we see: there, a CANCEL without a 487 leaves the leg open', () => {
    expect(legsOf(call(undefined, 'in INVITE', 'out 180', 'in CANCEL'), 1000)).toMatchObject([
      { result: 'open', status: null, endMs: null },
    ]);
  });
});

describe('a canary', () => {
  const sighted = (over: Partial<CanaryCall>, messages: readonly WireMessage[]): number | null => {
    const placed = { canary, sentEpochMs: 995, doneEpochMs: 1015, outcome: 'answered', ...over };
    return sightings([placed], new Map([[canary.key, messages]]))[0]?.reachedEpochMs ?? null;
  };
  const answered = call('control', 'in INVITE', 'out 180', 'out 200', 'in BYE');

  it('has reached its trap although the 200 was read after the caller had it', () => {
    expect(answered[2]?.atEpochMs).toBeGreaterThan(1015);
    expect(sighted({}, answered)).toBe(1000);
  });

  it.for([
    ['the caller was not answered', { outcome: 'nothing within 4000 ms' }, answered],
    ['the trap did not answer', {}, call('control', 'in INVITE', 'out 180')],
    ['the trap was called before', { sentEpochMs: 1005 }, answered],
    ['the trap was called after', { sentEpochMs: 900, doneEpochMs: 999 }, answered],
    ['the trap was never called', {}, []],
  ] as const)('has not reached its trap when %s', ([, over, messages]) => {
    expect(sighted(over, messages)).toBeNull();
  });
});
