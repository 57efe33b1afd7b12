/** Servers that do keep the call out of the trap that is looked at, and send it somewhere else instead. */
import { keptFrom, keptWhileWaiting } from '../matrix.ts';
import type { Breakage, Sabotage } from '../sabotage.ts';
import { answeredByNobody, anyCall, endedWith, reached } from '../seen.ts';
import { after, before, editedConfig } from './config-edit.ts';
import { afterTheRing, STAGE_ENDED } from './places.ts';

const SDP = ['v=0', 'o=- 1 1 IN IP4 $Ri', 's=-', 'c=IN IP4 $Ri', 't=0 0', 'm=audio 9 RTP/AVP 0', ''].join('\\r\\n');

/** Less than the server's no-answer timer, and than the slack. */
const PHONES_LATE_MS = 450;

const toUnwatchedVoicemail: Breakage = {
  editConfig: editedConfig([
    ...afterTheRing(
      '\t\t$avp(stage) = "voicemail";\n\t\t$avp(reason) = "forwarding";\n\t\t$avp(unwatched) = 1;\n' +
        '\t\t$ru = $avp(aor) + ";opaque=app:voicemail;gruu";\n' +
        // Discard: on the server's own address of this lab nobody listens there.
        '\t\t$du = "sip:" + $Ri + ":9";\n' +
        '\t\troute(TELL_CALLER);\n\t\tt_set_fr("500", "500");\n\t\troute(RELAY);\n',
    ),
    before(
      STAGE_ENDED,
      '\tif ($avp(unwatched) == 1 && !t_is_canceled()) {\n\t\tt_reply("480", "Temporarily Unavailable");\n\t\texit;\n\t}\n',
    ),
  ]),
  tookPlace: anyCall(
    ({ caller }) => caller.finalStatus === 480 && caller.provisionals.some(({ status }) => status === 181),
  ),
};

export const elsewhere: readonly Sabotage[] = [
  {
    id: 'answers-by-itself',
    title: 'After the ring the server answers 200 itself: a voice mail of its own, to which no leg leads.',
    breaks: 'server',
    meantFor: keptWhileWaiting,
    begin: () => ({
      editConfig: editedConfig([
        ...afterTheRing(
          `\t\tappend_to_reply("Contact: <sip:greeting@$Ri:$Rp>\\r\\n");\n\t\tset_reply_body("${SDP}", "application/sdp");\n\t\tt_reply("200", "OK");\n\t\texit;\n`,
        ),
        after(
          '\tif (has_totag()) {\n',
          '\t\tif ($rU == "greeting") {\n\t\t\tif (is_method("BYE")) sl_send_reply("200", "OK");\n\t\t\texit;\n\t\t}\n',
        ),
      ]),
      tookPlace: answeredByNobody,
    }),
  },
  {
    id: 'redirects-to-voice-mail',
    title: 'After the ring the server answers 302 with voice mail as Contact: the caller is to go there.',
    breaks: 'server',
    meantFor: keptWhileWaiting,
    begin: () => ({
      editConfig: editedConfig(
        afterTheRing(
          '\t\tappend_to_reply("Contact: <$avp(aor);opaque=app:voicemail>\\r\\n");\n\t\tt_reply("302", "Moved Temporarily");\n\t\texit;\n',
        ),
      ),
      tookPlace: endedWith(302),
    }),
  },
  {
    id: 'forwards-instead-of-voice-mail',
    title: 'Calls with the header go to the forward target where others go to voice mail.',
    breaks: 'server',
    meantFor: keptFrom('voicemail'),
    begin: () => ({
      editConfig: editedConfig([
        // Where forward targets are, by what was provisioned last.
        after(
          '\t\t\t\t$sht(subscribers=>$var(key)) = $(var(line){s.after,!});\n',
          '\t\t\t\tif ($var(line) =~ "sip:forward-") $sht(subscribers=>forward-address) = $(var(line){s.select,7,|}{s.select,0,,}{s.select,1,@});\n',
        ),
        ...afterTheRing(
          '\t\tif (!($avp(flags) =~ "enablecf|team")) {\n' +
            '\t\t\t$avp(forwardto) = "sip:forward" + $(avp(aor){uri.user}{s.substr,5,0}) + "@" + $sht(subscribers=>forward-address);\n' +
            '\t\t\troute(FORWARD);\n\t\t}\n',
        ),
      ]),
      tookPlace: reached('forward-target'),
    }),
  },
  {
    id: 'voice-mail-instead-of-forwarding',
    title: 'Calls with the header go to voice mail where others go to the forward target.',
    breaks: 'server',
    meantFor: keptFrom('forward-target'),
    begin: () => ({
      editConfig: editedConfig(
        afterTheRing(
          '\t\tif ($avp(flags) =~ "enablecf") {\n\t\t\t$avp(why) = "no-answer";\n\t\t\troute(VOICE_MAIL);\n\t\t}\n',
        ),
      ),
      tookPlace: reached('voicemail'),
    }),
  },
  {
    id: 'second-voice-mail',
    title: 'The caller is told 181, the call goes to a voice mail that nobody watches, and it ends with 480.',
    breaks: 'server',
    meantFor: keptWhileWaiting,
    begin: () => toUnwatchedVoicemail,
  },
  {
    id: 'second-voice-mail-where-phones-are-late',
    title: `Whatever is sent to a phone arrives ${PHONES_LATE_MS} ms later, so that it has just been asked when the caller is told 181 and the call goes to a voice mail that nobody watches.`,
    breaks: 'server',
    once: true,
    meantFor: keptWhileWaiting,
    calls: { situations: ['voicemail-no-answer', 'forward-no-answer'], perSecond: 100 },
    begin: () => ({
      ...toUnwatchedVoicemail,
      rules: [
        (_message, { front, fromServer }) =>
          front === 'phone' && fromServer ? { delayMs: PHONES_LATE_MS } : 'goes on',
      ],
    }),
  },
];
