/** Servers whose leg to voice mail bears another name, so that it is not the callee's by its user part. */
import { keptWhileWaiting } from '../matrix.ts';
import type { Sabotage } from '../sabotage.ts';
import { anyCall } from '../seen.ts';
import { after, editedConfig, instead } from './config-edit.ts';
import { afterTheRing, CALLER_IS_TOLD, LEG_BEGINS, VOICE_MAIL_URI } from './places.ts';

/**
 * Request-URI and To say `user`, a text with pseudo-variables; no 181, no History-Info, no Diversion. What comes back has
 * the To that the caller knows.
 */
function underAnotherName(user: string): (config: string) => string {
  return editedConfig([
    instead('modparam("uac", "restore_mode", "none")', 'modparam("uac", "restore_mode", "auto")'),
    after(
      'modparam("uac", "restore_mode", "auto")',
      '\nmodparam("uac", "restore_dlg", 0)\nmodparam("rr", "append_fromtag", 1)\n',
    ),
    ...afterTheRing('\t\t$avp(why) = "no-answer";\n\t\t$avp(disguised) = 1;\n\t\troute(VOICE_MAIL);\n'),
    after(VOICE_MAIL_URI, `\tif ($avp(disguised) == 1) $ru = $_s(sip:${user}@$avp(domain));\n`),
    after(CALLER_IS_TOLD, '\tif ($avp(disguised) == 1) return;\n'),
    after(
      LEG_BEGINS,
      `\tif ($avp(disguised) == 1) {\n\t\tuac_replace_to("", "sip:${user}@$avp(domain)");\n\t\tremove_hf("History-Info");\n\t\tremove_hf("Diversion");\n\t\treturn;\n\t}\n`,
    ),
  ]);
}

const NAMES: readonly (readonly [id: string, what: string, user: string])[] = [
  ['voice-mail-as-service', 'the name of the service, voicemail', 'voicemail'],
  ['voice-mail-in-capitals', "the callee's name in capitals", '$(avp(aor){uri.user}{s.toupper})'],
  ['voice-mail-escaped', "the callee's name with its first letter escaped", '%61$(avp(aor){uri.user}{s.substr,1,0})'],
  ['voice-mail-as-number', 'a telephone number, +442079460123', '+442079460123'],
  ['voice-mail-as-star-code', 'a feature code, *86', '*86'],
];

export const disguised: readonly Sabotage[] = NAMES.map(([id, what, user]) => ({
  id,
  title: `Voice mail takes calls with the header under ${what}, and nothing on that leg names the callee.`,
  breaks: 'server',
  meantFor: keptWhileWaiting,
  begin: () => ({
    editConfig: underAnotherName(user),
    // Whether the leg is found to be this call's is the question; the caller was answered, and not by a phone, in any case.
    tookPlace: anyCall(
      ({ caller, legs }) =>
        caller.finalStatus === 200 && legs.every(({ role, answered }) => role === 'voicemail' || !answered),
    ),
  }),
}));
