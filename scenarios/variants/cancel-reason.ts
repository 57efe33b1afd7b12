import type { HeaderVariant } from '../../harness/model/scenario.ts';

const ELSEWHERE = 'Reason: SIP;cause=200;text="Call completed elsewhere"';

const GIVEN_UP = 'Reason: SIP;cause=487;text="ORIGINATOR_CANCEL"';

/** What a caller that knows that the call was taken elsewhere, a queue say, writes into its CANCEL (RFC 3326). */
export const cancelRows: readonly HeaderVariant[] = [
  {
    id: 'cancel-completed-elsewhere',
    title: `CANCEL with ${ELSEWHERE}`,
    kind: 'inhibitor',
    claims: ['rfc3326-cancel-copied', 'rfc3326-elsewhere-not-missed'],
    headers: [],
    onCancel: [ELSEWHERE],
  },
  {
    id: 'cancel-completed-elsewhere-q850',
    title: `CANCEL with ${ELSEWHERE} and Reason: Q.850;cause=26`,
    kind: 'inhibitor',
    claims: ['rfc3326-cancel-copied', 'rfc3326-elsewhere-not-missed'],
    headers: [],
    onCancel: [ELSEWHERE, 'Reason: Q.850;cause=26'],
  },
  {
    id: 'cancel-given-up',
    title: `CANCEL with ${GIVEN_UP}: nobody took the call`,
    kind: 'decoy',
    claims: ['rfc3326-cancel-copied', 'rfc3326-elsewhere-not-missed'],
    headers: [],
    onCancel: [GIVEN_UP],
  },
];
