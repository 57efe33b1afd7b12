import type { HeaderVariant } from '../../harness/model/scenario.ts';

/** Answer-Mode, RFC 5373: speaks to the phone that answers, not to the server that routes. */
export const answerMode: readonly HeaderVariant[] = [
  {
    id: 'answer-mode-manual',
    title: 'Answer-Mode: Manual',
    kind: 'decoy',
    claims: ['rfc5373-answer-mode'],
    headers: ['Answer-Mode: Manual'],
  },
];
