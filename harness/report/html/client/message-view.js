import { diffLines } from './diff.js';
import { element } from './element.js';
import { hexLines } from './hex.js';
import { headerLineIndexes, rawBytes, rawLines } from './raw-text.js';

/** Longer lines are folded; the rest is one click away. */
const FOLD_AT = 600;
/** Fields that differ from call to call whatever the variant: they are told in a lower voice. */
const IDENTITY_FIELDS = ['via', 'v', 'from', 'f', 'to', 't', 'call-id', 'i', 'contact', 'm', 'record-route', 'route'];

/**
 * A message as it was on the wire, in the ways a reader may want it.
 *
 * @param {{raw: string}} message
 * @param {{raw: string} | null} twin the same message of the other call
 * @returns {HTMLElement[]}
 */
export function messageView(message, twin, label, headerNames) {
  const body = element('pre', { class: 'raw', tabindex: '0', 'aria-label': `${label}, as on the wire` });
  const views = [
    ['As on the wire', () => wireLines(message.raw, headerNames)],
    ...(twin === null ? [] : [['Compared with the other call', () => changedLines(twin.raw, message.raw)]]),
    ['Hex', () => [hexLines(rawBytes(message.raw)).join('\n')]],
  ];
  const tabs = views.map(([name, content], index) => {
    const tab = element('button', { type: 'button', 'aria-pressed': String(index === 0) }, name);
    tab.addEventListener('click', () => {
      for (const each of tabs) each.setAttribute('aria-pressed', String(each === tab));
      body.replaceChildren(...content());
    });
    return tab;
  });
  body.append(...wireLines(message.raw, headerNames));
  const size = element('span', { class: 'quiet' }, `${message.raw.length.toLocaleString('en-US')} bytes`);
  return [element('div', { class: 'tabs' }, ...tabs, size), body];
}

/** With the variant's header fields marked, continuation lines included. */
function wireLines(raw, headerNames) {
  const lines = rawLines(raw);
  const marked = headerLineIndexes(lines, headerNames);
  return lines.flatMap((line, index) => {
    const content = [...folded(line), index === lines.length - 1 ? '' : '\n'];
    return marked.has(index) ? [element('mark', {}, ...content)] : content;
  });
}

function folded(line) {
  if (line.length <= FOLD_AT) return [line];
  const rest = line.slice(FOLD_AT);
  const more = element(
    'button',
    { type: 'button', class: 'more' },
    `… ${rest.length.toLocaleString('en-US')} more characters`,
  );
  more.addEventListener('click', () => more.replaceWith(rest));
  return [line.slice(0, FOLD_AT), more];
}

const SIGNS = { same: '  ', added: '+ ', removed: '− ' };

/** What this call has more (+) and less (−) than the other. */
function changedLines(other, own) {
  return diffLines(rawLines(other).join('\n'), rawLines(own).join('\n')).map(({ kind, text }, index) => {
    const name = /^([^\s:]+)\s*:/.exec(text)?.[1]?.toLowerCase();
    const quiet = kind !== 'same' && (index < 2 || IDENTITY_FIELDS.includes(name));
    return element('span', { class: `${kind}${quiet ? ' identity' : ''}` }, SIGNS[kind], ...folded(text), '\n');
  });
}
