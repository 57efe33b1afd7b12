import { labelOf, type Message, methodOf, repeated, sortOf, statusOf, toneOf } from '../ladder/message.ts';
import type { MessageRow, Side } from '../ladder/rows.ts';
import { ladderText } from '../ladder/text.ts';
import type { SipCall } from './call.ts';
import { ELSEWHERE } from './tape.ts';

/** The call as text, and below it its control. */
export function callLadder(call: SipCall, control: SipCall | null = null): string {
  const shown = [call, ...(control === null ? [] : [control])].flatMap(({ messages }) => messages);
  const strange = shown.some(({ from, to }) => from === ELSEWHERE || to === ELSEWHERE);
  const lanes = [...call.lanes, ...(strange ? [ELSEWHERE] : [])].map((name) => ({ role: name, name, trap: false }));
  const ladder = { lanes, slots: [], own: sideOf(call), control: control && sideOf(control) };
  return ladderText(ladder, { title: call.title, controlTitle: control === null ? '' : `control: ${control.title}` });
}

function sideOf({ messages }: SipCall): Side {
  return { rows: messages.map((message, index) => rowOf(messages, message, index)), bars: [] };
}

function rowOf(messages: readonly Message[], message: Message, index: number): MessageRow {
  return {
    type: 'message',
    atMs: message.atMs,
    sort: sortOf(message),
    index,
    from: message.from,
    to: message.to,
    label: labelOf(message),
    tone: toneOf(message),
    repeats: repeated(messages, index),
    cancel: methodOf(message) === 'CANCEL' && statusOf(message) === null,
    atTrap: false,
    wrong: false,
    text: null,
    twin: null,
  };
}
