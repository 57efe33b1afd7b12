/** Servers that do note the missed call which the header was to leave unnoted, and not where or how others are. */

import type { Lab } from '../../run/lab.ts';
import { keptFrom } from '../matrix.ts';
import type { Sabotage } from '../sabotage.ts';
import { sent } from '../seen.ts';
import { after, type ConfigEdit, editedConfig, instead } from './config-edit.ts';

const NOTED_ALL_THE_SAME: ConfigEdit = instead(' || $avp(effects) =~ "no-notice") return;', ') return;');
const IF_FORBIDDEN = '\tif ($avp(effects) =~ "no-notice")';

/** A mailbox of nobody. */
const ANOTHER = 'operator';

export const notices: readonly Sabotage[] = [
  {
    id: 'notice-as-notify',
    title: 'The missed-call notice comes as NOTIFY, not as MESSAGE.',
    breaks: 'server',
    meantFor: keptFrom('missed-call-inbox'),
    begin: () => ({
      editConfig: editedConfig([
        NOTED_ALL_THE_SAME,
        after('\t$uac_req(method) = "MESSAGE";\n', `${IF_FORBIDDEN} $uac_req(method) = "NOTIFY";\n`),
      ]),
      tookPlace: sent('voicemail', /^NOTIFY /),
    }),
  },
  {
    id: 'notice-to-another-mailbox',
    title: "The missed-call notice goes to another mailbox than the callee's.",
    breaks: 'server',
    meantFor: keptFrom('missed-call-inbox'),
    begin: () => {
      let lab: Lab | undefined;
      return {
        editConfig: editedConfig([
          NOTED_ALL_THE_SAME,
          after(
            '\t$uac_req(turi) = $avp(aor);\n',
            `${IF_FORBIDDEN} {\n\t\t$uac_req(turi) = "sip:${ANOTHER}@" + $avp(domain);\n\t\t$uac_req(ruri) = $uac_req(turi) + ";opaque=app:voicemail;gruu";\n\t}\n`,
          ),
        ]),
        onLab: (started) => {
          lab = started;
        },
        tookPlace: () => (lab?.voicemail.mailbox(ANOTHER).length ?? 0) > 0,
      };
    },
  },
  {
    id: 'notice-with-another-event',
    title: 'The missed-call notice has another Event than the one that others have.',
    breaks: 'server',
    meantFor: keptFrom('missed-call-inbox'),
    begin: () => ({
      editConfig: editedConfig([
        NOTED_ALL_THE_SAME,
        after(
          '\t$uac_req(hdrs) = "Event: missed-call\\r\\nContent-Type: text/plain\\r\\n";\n',
          `${IF_FORBIDDEN} $uac_req(hdrs) = "Event: call-missed\\r\\nContent-Type: text/plain\\r\\n";\n`,
        ),
      ]),
      tookPlace: sent('voicemail', /^Event: call-missed\r$/m),
    }),
  },
];
