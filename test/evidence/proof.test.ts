import { describe, expect, it } from 'vitest';
import { proofChecks } from '../../harness/evidence/proof.ts';
import { flowOf } from '../report/sample-flow.ts';
import { sample } from '../results/sample.ts';

const FAILED = 'kamailio/ms-sipre/voicemail-busy/sensitivity-invalid/udp/direct';

describe('proofChecks', () => {
  const checks = (id: string) => {
    const { cell } = flowOf(id);
    return proofChecks(cell, cell.control === null ? null : flowOf(cell.control.id).cell);
  };

  it('names what did not hold in each inconclusive or unsupported cell, and nothing in any other', () => {
    for (const { id, verdict } of sample().cells) {
      const broken = checks(id).filter(({ holds }) => holds === false);
      expect(broken.length > 0, `${id}: ${JSON.stringify(broken)}`).toBe(
        verdict === 'inconclusive' || verdict === 'unsupported',
      );
    }
  });

  it('says what was seen', () => {
    expect(checks('kamailio/ms-sipre/simultaneous-ring/sensitivity-invalid/udp/direct')).toMatchObject([
      { holds: true, seen: 'INVITE on record, with Ms-Sensitivity: no-diversion' },
      { holds: true, seen: 'final 400' },
      { holds: true, what: 'Who ended it is on record', seen: 'it was refused' },
      { holds: true, seen: 'control engaged, final 200' },
      { holds: true, seen: '868 ms before the INVITE, 8 ms under way' },
      { holds: false, seen: 'window of 2,400 ms, never closed' },
      { holds: false, seen: 'sent at 2,520 ms, never arrived' },
      { holds: true, seen: 'at most 9 ms late, 1,000 ms allowed' },
    ]);
  });

  it('does not ask for canaries where the trap was reached, nor for what an older run does not have', () => {
    expect(checks(FAILED).filter(({ holds }) => holds === null)).toHaveLength(3);
    const { proof: _proof, ...older } = flowOf(FAILED).cell;
    expect(proofChecks(older, null).map(({ holds }) => holds)).toEqual([true, true, true, true]);
  });
});

describe('proofChecks of a call whose end is not on record', () => {
  const { cell } = flowOf('kamailio/ms-sipre/voicemail-busy/sensitivity-private-no-diversion/udp/direct');
  const broken = (over: object, observed: object = {}) =>
    proofChecks({ ...cell, verdict: 'inconclusive', ...over, observed: { ...cell.observed, ...observed } }, null)
      .filter(({ holds, what }) => holds === false && !what.startsWith('Without the header'))
      .map(({ what, seen }) => `${what}: ${seen}`);

  it.for([
    [{ status: 200, outcome: 'unknown', legs: [] }, 'Who ended it is on record: the caller was answered, and no leg'],
    [{ status: 302, outcome: 'unknown' }, 'Who ended it is on record: the caller was sent elsewhere (302)'],
  ] as const)('says %o', ([observed, said]) => {
    expect(broken({}, observed)).toEqual([expect.stringContaining(said)]);
  });

  it('shows what belongs to nobody', () => {
    const strays = [{ atMs: 610, at: 'voicemail', kind: 'call', text: 'INVITE sip:x@y SIP/2.0' }];
    expect(broken({ proof: { ...cell.proof, strays } })).toEqual([
      'Everything at the endpoints belongs to a call: INVITE sip:x@y SIP/2.0 at voicemail, 610 ms',
    ]);
  });

  it('leaves no inconclusive cell without a reason', () => {
    expect(broken({ why: 'the caller was told that the call is being forwarded' })).toEqual([
      'Nothing else speaks against it: the caller was told that the call is being forwarded',
    ]);
  });
});
