/** What a server may do: nobody may be accused of it. */
import { noCell } from '../matrix.ts';
import type { Sabotage } from '../sabotage.ts';
import { anyCall, endedWith } from '../seen.ts';
import { after, editedConfig, instead } from './config-edit.ts';
import { LEG_BEGINS } from './places.ts';

const NO_DESTINATION = 'source=\\"$avp(domain)\\"\\r\\n");\n';

/** RFC 3261 21.4.9 and 21.6.2: a server may say either of a callee that nobody has answered for. */
const ENDINGS = [
  [408, 'Request Timeout'],
  [603, 'Decline'],
] as const;

const endings = ENDINGS.map(
  ([status, reason]): Sabotage => ({
    id: `unanswered-ends-with-${status}`,
    title: `Where nobody has answered the caller gets ${status} instead of 480.`,
    breaks: 'server',
    meantFor: noCell,
    lawful: 'nothing-fails',
    notOn: {
      'comment-2013': 'that such a call ends with 480 is what this comment says',
      'blog-2012': 'no call that nobody has answered is ended by the server there',
    },
    begin: () => ({
      editConfig: editedConfig([
        instead(
          `${NO_DESTINATION}\tt_reply("480", "Temporarily Unavailable");\n`,
          `${NO_DESTINATION}\tt_reply("${status}", "${reason}");\n`,
        ),
      ]),
      tookPlace: endedWith(status),
    }),
  }),
);

export const lawfulServers: readonly Sabotage[] = [
  ...endings,
  {
    id: 'header-not-passed-on',
    title: 'The server obeys the header and does not show it to phones and voice mail.',
    breaks: 'server',
    meantFor: noCell,
    lawful: 'nothing-changes',
    begin: () => ({
      editConfig: editedConfig([
        after(LEG_BEGINS, '\tremove_hf("Ms-Target-Class");\n\tremove_hf("Ms-Sensitivity");\n'),
      ]),
      tookPlace: anyCall(
        ({ caller, messages }) =>
          caller.headersSent.some((line) => line.startsWith('Ms-')) &&
          messages.some(({ to, raw }) => to === 'phone' && raw.startsWith('INVITE ') && !/^Ms-/m.test(raw)),
      ),
    }),
  },
];
