import { number } from '../grid.ts';
import { html, type Markup } from './template.ts';

/** More than any reason of the harness' own; what is longer quotes the network. */
const SHOWN_LENGTH = 600;

/** The beginning of a text. */
export function cutText(text: string): string {
  return text.length > SHOWN_LENGTH ? `${text.slice(0, SHOWN_LENGTH)}…` : text;
}

/** What {@link cutText} left out, folded, with the rest of it: nothing is lost. Null when nothing was. */
export function wholeText(text: string): Markup | null {
  if (text.length <= SHOWN_LENGTH) return null;
  return html`<details class="whole"><summary>all ${number(text.length)} characters</summary><div>${text}</div></details>`;
}

/** A text of any length, for a place that may hold blocks. */
export function longText(text: string): Markup {
  return html`${cutText(text)}${wholeText(text)}`;
}
