/** A server that goes where a phone sends it, and keeps that from the caller. */

import { viaAddress } from '../../sip/proxy-via.ts';
import { respond } from '../../sip/responses.ts';
import { noCell } from '../matrix.ts';
import { beginsCall, type Rule } from '../path/rule.ts';
import type { Sabotage } from '../sabotage.ts';
import { sent } from '../seen.ts';
import { after, editedConfig } from './config-edit.ts';

const SECOND = ';line=2';
const MOVED = 'moved';

/** Answers in each phone's place that it is at its second line. */
const phoneHasMoved: Rule = (message, { front, fromServer }) => {
  if (front !== 'phone' || !fromServer || message.kind === 'response') return 'goes on';
  // RFC 3261 17.1.1.3: the ACK of a refusal has its To tag, and is for nobody else.
  if (message.method === 'ACK' && message.header('To')?.endsWith(`;tag=${MOVED}`)) return 'is lost';
  const peer = viaAddress(message.fields);
  if (!beginsCall(message) || message.requestUri.endsWith(SECOND) || peer === undefined) return 'goes on';
  const fields = [{ name: 'Contact', value: `<${message.requestUri}${SECOND}>` }];
  const moved = { localTag: MOVED, reason: 'Moved Temporarily', fields };
  return { answer: respond({ request: message, peer }, 302, moved) };
};

export const recursion: readonly Sabotage[] = [
  {
    id: 'phone-has-moved',
    title: "Each callee's phone answers 302 with its second line, and the server goes there (RFC 3261 16.7 step 4).",
    breaks: 'server',
    meantFor: noCell,
    lawful: 'nothing-changes',
    // Not where another target rings at the same time: this server recurses when all have ended, and then none is left.
    calls: { situations: ['voicemail-no-answer', 'forward-no-answer', 'answered-by-callee'], perSecond: 100 },
    begin: () => ({
      editConfig: editedConfig([
        after('loadmodule "uac.so"\n', 'loadmodule "acc.so"\nloadmodule "uac_redirect.so"\n'),
        after(
          'failure_route[STAGE_ENDED] {\n',
          '\tif (t_check_status("302") && !t_is_canceled() && get_redirects("1:1")) {\n' +
            '\t\tt_on_branch("LEG");\n\t\tt_on_failure("STAGE_ENDED");\n\t\troute(RELAY);\n\t}\n',
        ),
      ]),
      rules: [phoneHasMoved],
      tookPlace: sent('phone', /^INVITE \S+;line=2 SIP/),
    }),
  },
];
