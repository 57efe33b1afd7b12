/** Servers that do not do what the header says, openly: everything is on record. */
import { MarkedCalls } from '../marked-calls.ts';
import { decoyIgnored, everyMarkedNegative, keptFrom, keptFromDiversion } from '../matrix.ts';
import type { Rule } from '../path/rule.ts';
import type { Sabotage } from '../sabotage.ts';
import { anyCall, diverted, endedWith, reached } from '../seen.ts';
import { after, type ConfigEdit, editedConfig } from './config-edit.ts';
import {
  CALL_BEGINS,
  marked,
  onceHeadersAreRead,
  onceMarked,
  STAGE_TIMER,
  TABLES_BEGIN,
  timedWhenMarked,
} from './places.ts';

export const OBEYS_NOTHING: ConfigEdit = onceHeadersAreRead('\t$avp(effects) = "none";\n');

/** The header keeps its other effects. */
function onlyThese(effects: string): ConfigEdit {
  return onceHeadersAreRead(
    `\tif ($avp(effects) =~ "endpoints-only") $avp(effects) = "${effects} no-notice";\n` +
      `\telse if ($avp(effects) =~ "voicemail|forward|team") $avp(effects) = "${effects}";\n`,
  );
}

/** How many calls a server obeys that then stops. */
const OBEYED = 2;

const splashes = editedConfig([
  marked,
  timedWhenMarked,
  // Less than a tick of 1/16 s: what is more would be two of them.
  after(STAGE_TIMER, '\tif ($avp(marked) == 1) $var(wait_ms) = 62;\n'),
]);

/** On the way to phones, of calls with the header. */
function losesCancels(): Rule {
  const calls = new MarkedCalls();
  return (message, { front }) => {
    const isMarkedCall = calls.has(message);
    const isCancel = message.kind === 'request' && message.method === 'CANCEL';
    return front === 'phone' && isMarkedCall && isCancel ? 'is lost' : 'goes on';
  };
}

export const disobedient: readonly Sabotage[] = [
  {
    id: 'obeys-nothing',
    title: 'The server reads no header at all.',
    breaks: 'server',
    meantFor: keptFromDiversion,
    begin: () => ({ editConfig: editedConfig([OBEYS_NOTHING]), tookPlace: diverted }),
  },
  {
    id: 'header-stripped-before-the-rules',
    title: 'The server removes the header before it reads its rules, as a border element in front of it might.',
    breaks: 'server',
    meantFor: keptFromDiversion,
    begin: () => ({
      editConfig: editedConfig([
        after(CALL_BEGINS, '\tremove_hf("Ms-Target-Class");\n\tremove_hf("Ms-Sensitivity");\n\tmsg_apply_changes();\n'),
      ]),
      tookPlace: diverted,
    }),
  },
  {
    id: 'voice-mail-disobeyed',
    title: 'The header keeps calls out of everything but voice mail.',
    breaks: 'server',
    meantFor: keptFrom('voicemail'),
    begin: () => ({ editConfig: editedConfig([onlyThese('forward team')]), tookPlace: reached('voicemail') }),
  },
  {
    id: 'forwarding-disobeyed',
    title: 'The header keeps calls out of everything but forwarding.',
    breaks: 'server',
    meantFor: keptFrom('forward-target'),
    begin: () => ({ editConfig: editedConfig([onlyThese('voicemail team')]), tookPlace: reached('forward-target') }),
  },
  {
    id: 'team-disobeyed',
    title: 'The header keeps calls out of everything but team ring.',
    breaks: 'server',
    meantFor: keptFrom('team'),
    begin: () => ({ editConfig: editedConfig([onlyThese('voicemail forward')]), tookPlace: reached('team') }),
  },
  {
    id: 'decoy-obeyed',
    title: 'The server obeys a header that nobody has defined.',
    breaks: 'server',
    meantFor: decoyIgnored,
    begin: () => ({
      editConfig: editedConfig([
        onceHeadersAreRead('\tif ($hdrc(X-No-Voicemail) > 0) $avp(effects) = "endpoints-only no-notice";\n'),
      ]),
      tookPlace: anyCall(({ legs }) => legs.every(({ role }) => role === 'phone')),
    }),
  },
  {
    id: 'obeys-the-first-calls-only',
    title: `The server obeys the first ${OBEYED} calls with a header and no later one.`,
    breaks: 'server',
    once: true,
    meantFor: keptFromDiversion,
    spares: OBEYED,
    begin: () => ({
      editConfig: editedConfig([
        after(TABLES_BEGIN, '\t$sht(subscribers=>marked-calls) = 0;\n'),
        onceMarked(
          `\tif ($avp(marked) == 1 && $fU != "canary") {\n\t\t$var(nth) = $shtinc(subscribers=>marked-calls);\n\t\tif ($var(nth) > ${OBEYED}) $avp(effects) = "none";\n\t}\n`,
        ),
      ]),
      tookPlace: diverted,
    }),
  },
  {
    id: 'diverts-late',
    title: 'The server diverts calls with the header as all others, half a second later.',
    breaks: 'server',
    meantFor: keptFromDiversion,
    begin: () => ({
      editConfig: editedConfig([
        onceMarked('\t$avp(effects) = "none";\n'),
        after(STAGE_TIMER, '\tif ($avp(marked) == 1) $var(wait_ms) = $var(wait_ms) + 500;\n'),
      ]),
      tookPlace: diverted,
    }),
  },
  {
    id: 'rejects-calls-with-the-header',
    title: 'The server answers 480 to every call with the header, at once.',
    breaks: 'server',
    meantFor: everyMarkedNegative,
    begin: () => ({
      editConfig: editedConfig([
        onceMarked('\tif ($avp(marked) == 1) {\n\t\tt_reply("480", "Temporarily Unavailable");\n\t\texit;\n\t}\n'),
      ]),
      tookPlace: anyCall(({ caller, legs }) => caller.finalStatus === 480 && legs.length === 0),
    }),
  },
  {
    id: 'ring-splash',
    title: "The callee's phone rings for a twentieth of a second, then the caller gets 480.",
    breaks: 'server',
    // With two ticks of the server's timer it is an eighth, on a busy machine: where the control's phone rings for a quarter, that need
    // not be another ring.
    meantFor: (cell, baseline) => everyMarkedNegative(cell, baseline) && cell.scenario.trap !== 'team',
    begin: () => ({ editConfig: splashes, tookPlace: endedWith(480) }),
  },
  {
    id: 'ring-splash-rung-on',
    title:
      "The caller gets 480 after a twentieth of a second, and the callee's phone, which no CANCEL comes to, rings on.",
    breaks: 'server',
    meantFor: (cell, baseline) => everyMarkedNegative(cell, baseline) && cell.scenario.trap !== 'team',
    begin: () => ({ editConfig: splashes, rules: [losesCancels()], tookPlace: endedWith(480) }),
  },
];
