import { GLOSSARY } from '../../model/words.ts';
import { html, type Markup } from './template.ts';

const KEYS: readonly (readonly [keys: readonly string[], does: string])[] = [
  [['/'], 'search the matrix'],
  [['←', '→', '↑', '↓'], 'walk from cell to cell, over what the filters hide'],
  [['Home', 'End'], 'first and last cell of the row'],
  [['Enter'], 'open the call beside its control'],
  [['n', 'p'], 'next and previous cell, of those that the filters leave'],
  [['Esc'], 'close it; in the search field, clear it'],
  [['?'], 'this list'],
];

/** What the keyboard does, and what words mean. */
export function helpDialog(): Markup {
  return html`<dialog id="help" aria-labelledby="help-h"><h2 id="help-h" tabindex="-1">Keys and words</h2>
<dl>${KEYS.map(([keys, does]) => html`<div><dt>${keys.map((key) => html`<kbd>${key}</kbd> `)}</dt><dd>${does}</dd></div>`)}</dl>
<p class="quiet">The search takes words, and parts of a cell by name: <code>verdict:fail policy:plain status:480</code>; also server, transport, feature, situation and variant. A status may be a beginning: <code>status:4</code>. <code>call-id:</code>, <code>callee:</code> and <code>text:"History-Info"</code> look into the messages of every cell, and find parts; quotes keep blanks together.</p>
<p class="quiet">What the filters are set to stands in the address, and so does the open cell: copy it to show somebody else.</p>
<dl>${GLOSSARY.map(([word, means]) => html`<div><dt>${word}</dt><dd>${means}</dd></div>`)}</dl>
<button type="button" class="copy">Close</button></dialog>`;
}
