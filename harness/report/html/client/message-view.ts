import { type DiffLine, diffLines } from '../../../evidence/diff.ts';
import { hexLines } from '../../../evidence/hex.ts';
import { headerLineIndexes, rawBytes, rawLines } from '../../../evidence/raw-text.ts';
import type { Message } from '../../../ladder/message.ts';
import { element } from './element.ts';

/** Longer lines are folded; the rest is one click away. */
const FOLD_AT = 600;
/** Fields that differ from call to call whatever the variant: they are told in a lower voice. */
const IDENTITY_FIELDS = ['via', 'v', 'from', 'f', 'to', 't', 'call-id', 'i', 'contact', 'm', 'record-route', 'route'];

type Content = (Node | string)[];
type View = readonly [name: string, content: () => Content];

/**
 * A message as it was on the wire, in the ways a reader may want it.
 *
 * @param twin The same message of the other call.
 * @param headerNames Of the variant, in lower case.
 */
export function messageView(
  message: Message,
  twin: Message | null,
  label: string,
  headerNames: readonly string[],
): HTMLElement[] {
  const body = element('pre', { class: 'raw', tabindex: '0', 'aria-label': `${label}, as on the wire` });
  const views: readonly View[] = [
    ['As on the wire', () => wireLines(message.raw, headerNames)],
    ...(twin === null ? [] : [['Compared with the other call', () => changedLines(twin.raw, message.raw)] as const]),
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
function wireLines(raw: string, headerNames: readonly string[]): Content {
  const lines = rawLines(raw);
  const marked = headerLineIndexes(lines, headerNames);
  return lines.flatMap((line, index) => {
    const content = [...folded(line), index === lines.length - 1 ? '' : '\n'];
    return marked.has(index) ? [element('mark', {}, ...content)] : content;
  });
}

function folded(line: string): Content {
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

const SIGNS: Readonly<Record<DiffLine['kind'], string>> = { same: '  ', added: '+ ', removed: '− ' };

/** What this call has more (+) and less (−) than the other. */
function changedLines(other: string, own: string): Content {
  return diffLines(rawLines(other).join('\n'), rawLines(own).join('\n')).map(({ kind, text }, index) => {
    const name = /^([^\s:]+)\s*:/.exec(text)?.[1]?.toLowerCase() ?? '';
    const quiet = kind !== 'same' && (index < 2 || IDENTITY_FIELDS.includes(name));
    return element('span', { class: `${kind}${quiet ? ' identity' : ''}` }, SIGNS[kind], ...folded(text), '\n');
  });
}
