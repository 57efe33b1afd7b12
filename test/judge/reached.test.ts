/** Where a call went. */
import { expect, it } from 'vitest';
import { reachedBy } from '../../harness/judge/reached.ts';
import { rangAlone, suppressed } from '../helpers/observations.ts';

it('a voice mail inside of the server was reached once, when its strongest evidence says', () => {
  const seen = suppressed({
    innerVoicemail: {
      arrivals: [
        { by: 'mailbox', atMs: 610, seen: 'a message' },
        { by: 'message-waiting', atMs: 9000, seen: 'one more' },
      ],
      shown: ['mailbox', 'message-waiting'],
      doubt: null,
    },
  });
  expect(reachedBy(seen)).toEqual([rangAlone, { role: 'voicemail', startMs: 610 }]);
});
