import type { HeaderVariant } from '../../harness/model/scenario.ts';

/** Caller preferences, RFC 3841: the closest the standards come to "give me the person". */
export const callerPreferences: readonly HeaderVariant[] = [
  {
    id: 'request-disposition-no-fork',
    title: 'Request-Disposition: no-fork',
    kind: 'inhibitor',
    claims: ['rfc3841-no-fork'],
    headers: ['Request-Disposition: no-fork'],
  },
  {
    id: 'request-disposition-no-redirect',
    title: 'Request-Disposition: no-redirect, a directive that does not exist',
    kind: 'decoy',
    claims: ['rfc3841-no-such-directive', 'rfc3261-unknown-ignored'],
    headers: ['Request-Disposition: no-redirect'],
  },
  {
    id: 'reject-contact-automata',
    title: 'Reject-Contact: *;automata',
    kind: 'inhibitor',
    claims: ['rfc3841-reject-contact', 'rfc3841-immune-contacts'],
    headers: ['Reject-Contact: *;automata'],
  },
  {
    id: 'reject-contact-msg-taker',
    title: 'Reject-Contact: *;actor="msg-taker"',
    kind: 'inhibitor',
    claims: ['rfc3841-reject-contact', 'rfc3841-immune-contacts'],
    headers: ['Reject-Contact: *;actor="msg-taker"'],
  },
  {
    id: 'accept-contact-principal',
    title: 'Accept-Contact: *;actor="principal";require;explicit',
    kind: 'inhibitor',
    claims: ['rfc3841-accept-contact', 'rfc3841-immune-contacts'],
    headers: ['Accept-Contact: *;actor="principal";require;explicit'],
  },
];
