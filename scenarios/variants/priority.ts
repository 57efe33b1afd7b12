import type { HeaderVariant } from '../../harness/model/scenario.ts';

/** Priority, RFC 7090: an emergency call-back asks to be spared blocking and answering machines. */
export const priority: readonly HeaderVariant[] = [
  {
    id: 'priority-psap-callback',
    title: 'Priority: psap-callback',
    kind: 'inhibitor',
    claims: ['rfc7090-psap-callback'],
    headers: ['Priority: psap-callback'],
  },
];
