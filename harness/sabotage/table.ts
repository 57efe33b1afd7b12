/** The console's table of a campaign: sabotages down, cells across. */
import { type Verdict, WORST_FIRST } from '../model/words.ts';
import { visible } from '../report/visible.ts';
import type { Campaign, CellFinding, SabotageFinding } from './findings.ts';
import { changeOf, firstAffected, flowTitle, headline, LIMITS, outcomeLine, shortId, standingOf } from './words.ts';

const LETTERS: Readonly<Record<Verdict, string>> = {
  pass: 'p',
  fail: 'f',
  inconclusive: 'i',
  unsupported: 's',
  unspecified: 'u',
};
const GREEN_FIRST: readonly Verdict[] = ['pass', ...WORST_FIRST];

export function renderTable(campaign: Campaign): string {
  const { baseline, findings, policy, server } = campaign;
  const width = Math.max('baseline'.length, ...findings.map(({ id }) => id.length));
  const ids = baseline.map(({ id }) => id);
  const row = (name: string, letters: readonly string[], end: string): string =>
    `${name.padEnd(width)}  ${letters.join(' ')}  ${end}`.trimEnd();
  const lines = [
    `${policy} on ${server.name} ${server.version}: ${headline(campaign)}`,
    '',
    ...ids.map((id, index) => `  ${columnName(index)} ${shortId(id)}`),
    '',
    'p pass  f fail  i inconclusive  u unspecified  s unsupported; a capital: the sabotage is meant for this cell, so P is wrong; . not called',
    '',
    row(
      '',
      ids.map((_, index) => columnName(index)),
      '',
    ),
    row(
      'baseline',
      baseline.map(({ verdict }) => LETTERS[verdict]),
      '',
    ),
  ];
  for (const breaks of ['server', 'path', 'lab'] as const) {
    const group = findings.filter((finding) => finding.breaks === breaks);
    if (group.length === 0) continue;
    lines.push('', `${breaks}:`);
    for (const finding of group) lines.push(row(finding.id, lettersOf(finding, ids), standingOf(finding)));
  }
  lines.push('', ...findings.flatMap(storyOf), '', 'What this does not show:', ...LIMITS.map((limit) => `- ${limit}`));
  return `${lines.join('\n')}\n`;
}

/** A to Z; a matrix of this size needs no more. */
function columnName(index: number): string {
  return String.fromCodePoint('A'.charCodeAt(0) + index);
}

function lettersOf({ cells }: SabotageFinding, ids: readonly string[]): string[] {
  const byId = new Map(cells.map((each) => [each.cell, each]));
  return ids.map((id) => {
    const finding = byId.get(id);
    return finding === undefined ? '.' : letterOf(finding);
  });
}

function letterOf({ verdicts, meant }: CellFinding): string {
  const letter = LETTERS[(meant ? GREEN_FIRST : WORST_FIRST).find((verdict) => verdicts.includes(verdict)) ?? 'pass'];
  return meant ? letter.toUpperCase() : letter;
}

function storyOf(finding: SabotageFinding): string[] {
  const first = firstAffected(finding);
  return [
    `${finding.id} (${standingOf(finding)}): ${finding.title}`,
    `  ${visible(outcomeLine(finding))}`,
    ...(first === null ? [] : [`  ${shortId(first.cell)} ${changeOf(first)}: ${visible(first.why ?? '')}`]),
    ...finding.cells.flatMap(flowLines),
  ];
}

function flowLines({ cell, flow }: CellFinding): string[] {
  if (flow === null) return [];
  const lines = (text: string): string[] => text.split('\n').map((line) => `    ${visible(line)}`);
  return [
    `  ${flowTitle(cell, flow)}:`,
    ...lines(flow.call),
    ...(flow.control === null ? [] : ['  its control:', ...lines(flow.control)]),
  ];
}
