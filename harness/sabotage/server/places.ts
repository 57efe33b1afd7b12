/** Places in containers/kamailio/kamailio.cfg, by what is decided there, and edits that several sabotages share. */
import { after, before, type ConfigEdit, instead } from './config-edit.ts';

/** Where a call comes in. */
export const CALL_BEGINS = 'route[CALL] {\n';
/** $avp(effects) says what the headers do. */
export const HEADERS_READ = '\troute(CALLER_HEADERS);\n';
/** The timer of a call that only the callee's endpoints ring for: the caller's patience. */
export const ENDPOINTS_TIMER = '\tt_set_fr(TIMER_C_MS, NO_RESPONSE_MS);\n';
/** $var(wait_ms) is how long this stage may take. */
export const STAGE_TIMER = '\t$var(wait_ms) = $var(wait_ms) + TICK_MS;\n';
/** Nobody has answered, the first thing asked. */
export const STAGE_ENDED = '\tif ($avp(stage) == "endpoints" && !t_is_canceled()) {\n';
export const VOICE_MAIL_URI = '\t$ru = $avp(aor) + ";opaque=app:voicemail;gruu";\n';
export const LEG_BEGINS = 'branch_route[LEG] {\n';
export const CALLER_IS_TOLD = 'route[TELL_CALLER] {\n';
export const TABLES_BEGIN = 'event_route[htable:mod-init] {\n';

/** $avp(marked): 1 for a call with a header that keeps calls out of something, whatever the policy makes of it. */
const MARKED =
  '\t$avp(marked) = 0;\n\tif ($hdrc(Ms-Target-Class) > 0 || $hdrc(Ms-Sensitivity) > 0) $avp(marked) = 1;\n';

/** After the headers were read, for every call; $avp(marked) stands by then. */
export const onceMarked = (script: string): ConfigEdit => after(HEADERS_READ, MARKED + script);
export const marked: ConfigEdit = onceMarked('');

/** After the headers were read, for every call. */
export const onceHeadersAreRead = (script: string): ConfigEdit => after(HEADERS_READ, script);

/** The server's own timer runs for marked calls even where the header would leave the end to the caller. */
export const timedWhenMarked: ConfigEdit = instead(
  ENDPOINTS_TIMER,
  `\tif ($avp(marked) == 1) {\n\t\t$var(wait_ms) = $avp(total_ms);\n\t\troute(SET_WAIT);\n\t} else {\n\t${ENDPOINTS_TIMER}\t}\n`,
);

/** What becomes of a marked call that nobody has answered and the caller has not given up. */
export function afterTheRing(script: string): ConfigEdit[] {
  const unanswered =
    '$avp(marked) == 1 && !t_is_canceled() && ($avp(stage) == "endpoints" || $avp(stage) == "primary")';
  return [marked, timedWhenMarked, before(STAGE_ENDED, `\tif (${unanswered}) {\n${script}\t}\n`)];
}
