import type { Tone } from './message.ts';
import type { Bar, Ladder, Row, Side } from './rows.ts';

const LANE = 118;
const TIME = 62;
const ROW = 30;
const PAUSE = 26;
const REMARK = 14;
const HEAD = 62;
const GUTTER = 44;

const COLOURS = { soft: '#5b626d', rule: '#d5d0c6', wrong: '#b3261e', ghost: '#1f5a92' };
const TONE_COLOURS: Readonly<Record<Tone, string>> = {
  request: '#20242b',
  provisional: '#5b626d',
  success: '#2f7350',
  refusal: '#855600',
};
const BAR_COLOURS: Readonly<Record<Bar['state'], string>> = { rings: '#f3e3b7', talks: '#cfe6d8', waits: '#d9e5ee' };

const STYLE =
  'text{font:12px system-ui,"Segoe UI",Roboto,sans-serif}.time,.note{font-size:11px}' +
  '.head{font-weight:600}.title{font-weight:600;font-size:14px}.label{paint-order:stroke;stroke:#fff;stroke-width:4px}';

interface Words {
  readonly title: string;
  readonly description: string;
  /** @default 'This call' */
  readonly ownTitle?: string;
  /** @default 'Its control' */
  readonly controlTitle?: string;
}

/** A call beside its control as one SVG document that stands alone: its own style, light, with title and description. */
export function ladderSvg(
  ladder: Ladder,
  { title, description, ownTitle = 'This call', controlTitle = 'Its control' }: Words,
): string {
  const tops = slotTops(ladder);
  const side = TIME + ladder.lanes.length * LANE;
  const width = Math.max(480, ladder.control === null ? side : 2 * side + GUTTER);
  const height = (tops.at(-1) ?? HEAD) + ROW + REMARK + 18;
  const parts = [sideMarkup(ladder, ladder.own, tops, 0, ownTitle)];
  if (ladder.control !== null) parts.push(sideMarkup(ladder, ladder.control, tops, side + GUTTER, controlTitle));
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img">`,
    `<title>${xml(title)}</title><desc>${xml(description)}</desc><style>${STYLE}</style>`,
    `<rect width="${width}" height="${height}" fill="#fff"/>`,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

/** Where each slot's line is. */
function slotTops({ slots, own, control }: Ladder): number[] {
  let [top, belowPrevious] = [HEAD + 8 - ROW, 0];
  return slots.map(({ idleBeforeMs }, index) => {
    top += ROW + belowPrevious + (idleBeforeMs === null ? 0 : PAUSE);
    const rows = [own.rows[index], control?.rows[index]];
    belowPrevious = rows.some((row) => row != null && svgRemark(row) !== null) ? REMARK : 0;
    return top;
  });
}

/** What is written below an arrow. */
function svgRemark(row: Row): string | null {
  if (row.type === 'proof') return null;
  return row.type === 'note' ? (row.wrong ? 'must not come' : null) : row.text;
}

function sideMarkup({ lanes, slots }: Ladder, side: Side, tops: readonly number[], x: number, title: string): string {
  const laneX = (role: string): number => TIME + (lanes.findIndex((lane) => lane.role === role) + 0.5) * LANE;
  const bottom = (tops.at(-1) ?? HEAD) + 14;
  const right = TIME + lanes.length * LANE;
  const rails = lanes.map(
    ({ role, name, trap }) =>
      `<text class="head" x="${laneX(role)}" y="46" text-anchor="middle"${trap ? ' text-decoration="underline"' : ''}>${xml(name)}</text>` +
      `<path d="M${laneX(role)} 54V${bottom}" stroke="${COLOURS.rule}"/>`,
  );
  const bars = side.bars.map(({ role, state, first, last, text }) => {
    const top = tops[first] ?? HEAD;
    return `<rect x="${laneX(role) - 5}" y="${top - 4}" width="10" height="${(tops[last] ?? top) - top + 8}" rx="3" fill="${BAR_COLOURS[state]}"><title>${xml(text)}</title></rect>`;
  });
  const pauses = slots.flatMap(({ idleBeforeMs }, index) =>
    idleBeforeMs === null
      ? []
      : [
          `<text class="note" fill="${COLOURS.soft}" x="${TIME - 12}" y="${(tops[index] ?? 0) - ROW + 9}" text-anchor="end">⋮</text>` +
            `<text class="note label" fill="${COLOURS.soft}" x="${TIME + 4}" y="${(tops[index] ?? 0) - ROW + 9}">${Math.round(idleBeforeMs)} ms nothing</text>`,
        ],
  );
  const rows = side.rows.map((row, index) => (row === null ? '' : rowMarkup(row, tops[index] ?? 0, laneX, right)));
  return `<g transform="translate(${x} 0)"><text class="title" x="8" y="20">${xml(title)}</text>${[...rails, ...bars, ...pauses, ...rows].join('\n')}</g>`;
}

function rowMarkup(row: Row, y: number, laneX: (role: string) => number, right: number): string {
  const time = `<text class="time" fill="${COLOURS.soft}" x="${TIME - 12}" y="${y + 4}" text-anchor="end">${row.atMs.toFixed(1)}</text>`;
  if (row.type === 'proof') {
    const colour = row.wrong ? COLOURS.wrong : COLOURS.soft;
    return `${time}<path d="M${TIME} ${y + 8}H${right}" stroke="${colour}" stroke-dasharray="1 3"/><text class="note label" x="${TIME + 4}" y="${y + 3}" fill="${colour}">${row.wrong ? '✕ ' : ''}${xml(row.text)}</text>`;
  }
  const [from, to] = [laneX(row.from), laneX(row.to)];
  const tip = to > from ? -8 : 8;
  const colour = row.wrong ? COLOURS.wrong : row.type === 'message' ? TONE_COLOURS[row.tone] : COLOURS.ghost;
  const ghost = row.type === 'ghost';
  const mark = row.wrong ? (ghost ? ' missing' : ' ✕') : row.type === 'message' && row.repeats >= 0 ? ' ↻' : '';
  const said = svgRemark(row);
  const remark =
    said === null
      ? ''
      : `<text class="note label" x="${TIME + 4}" y="${y + 15}" fill="${colour}">${row.wrong ? '✕ ' : ''}${xml(said)}</text>`;
  return (
    `<g>${time}<path d="M${from} ${y}H${to}" stroke="${colour}" stroke-width="${row.wrong ? 2.4 : 1.3}"${ghost ? ' stroke-dasharray="5 4"' : ''}/>` +
    `<path d="M${to} ${y}l${tip} -4v8z" fill="${ghost ? '#fff' : colour}" stroke="${colour}"/>` +
    `<text class="label" x="${(from + to) / 2}" y="${y - 5}" text-anchor="middle" fill="${colour}"${ghost ? ' font-style="italic"' : ''}>${xml(row.label)}${mark}</text>${remark}</g>`
  );
}

const XML_ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text for XML: what XML 1.0 does not allow (section 2.2) is replaced by U+FFFD. */
export function xml(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, '\ufffd')
    .replaceAll(/[&<>"']/g, (character) => XML_ENTITIES[character] ?? '');
}
