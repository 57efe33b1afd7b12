import { checkLines } from '../evidence/checks.ts';
import { messagesCommand } from '../evidence/messages-command.ts';
import { type CellResult, type CellRow, isUnsteady, isWrong, type RunRows } from '../model/results.ts';
import { OUTCOME_WORDS } from '../model/words.ts';
import type { StoredRun } from '../results/stored-run.ts';
import { unsteadyReason } from './causes.ts';
import { type Block, blocksOf, countVerdicts, serverTitle } from './grid.ts';
import { cellHref } from './html/names.ts';
import { visible, visibleLines } from './visible.ts';

/**
 * JUnit XML for CI: a suite per server and policy, a test case per cell. `fail` is a failure, `inconclusive` an error
 * (nothing was proven), an unsteady cell a failure whatever its verdict, `unsupported` and `unspecified` are skipped with the reason. Name and class name together are
 * unique, because GitLab counts only the first of two that are alike. A suite at a time.
 */
export async function* junitParts({ results, detailsOf }: Omit<StoredRun, 'traceOf'>): AsyncGenerator<string> {
  // Those of the suites may say how many were skipped, the whole may not: by the schema of Jenkins' xUnit plugin (junit-10.xsd).
  const { skipped: _, ...all } = counts(results.cells);
  yield '<?xml version="1.0" encoding="UTF-8"?>\n';
  yield `<testsuites${attributes({ name: 'Ringfence', ...all, time: time(results.run.durationMs) })}>\n`;
  for (const block of blocksOf(results)) {
    const wrong = block.cells.filter((cell) => isUnsteady(cell) || isWrong(cell));
    const whole = wrong.length === 0 ? [] : await detailsOf(wrong);
    yield `${suite(block, results, new Map(whole.map((cell) => [cell.id, cell]))).join('\n')}\n`;
  }
  yield '</testsuites>\n';
}

function suite(block: Block, results: RunRows, wrong: ReadonlyMap<string, CellResult>): string[] {
  const { run } = results;
  const totalMs = block.cells.reduce((sum, cell) => sum + cell.durationMs, 0);
  const properties = {
    server: serverTitle(results, block.server),
    policy: block.policy,
    transport: block.transport,
    ringfence: run.ringfence,
    caller: `${run.caller.name} ${run.caller.version}`,
    ended: run.ended,
    ...(run.shards !== undefined && { shards: run.shards.join(', ') }),
  };
  return [
    `  <testsuite${attributes({ name: block.id, ...counts(block.cells), time: time(totalMs), timestamp: run.startedAt })}>`,
    '    <properties>',
    ...Object.entries(properties).map(([name, value]) => `      <property${attributes({ name, value })}/>`),
    '    </properties>',
    ...block.cells.flatMap((cell) => testcase(cell, checkLines(wrong.get(cell.id) ?? {}))),
    '  </testsuite>',
  ];
}

function testcase(cell: CellRow, checks: readonly string[]): string[] {
  const { server, transport, path, policy, feature, situation, variant } = cell;
  // GitLab's and GitHub's lists show the name alone, so it says what was asked; dots make the packages of a class name.
  const name = `${policy} / ${situation} / ${variant}`;
  const classname = [server, transport, path, policy, feature].map((part) => part.replaceAll('.', '_')).join('.');
  const head = attributes({ classname, name, time: time(cell.durationMs) });
  const inner = verdictElement(cell, checks);
  if (inner === null) return [`    <testcase${head}/>`];
  return [`    <testcase${head}>`, `      ${inner}`, '    </testcase>'];
}

function verdictElement(cell: CellRow, checks: readonly string[]): string | null {
  if (isUnsteady(cell)) {
    const why = cell.verdict === 'fail' ? `${cell.why ?? 'fail'}; ${unsteadyReason(cell)}` : unsteadyReason(cell);
    const files =
      cell.repeats?.others.map(
        ({ attempt, trace }) => `messages of call ${attempt}: ${messagesCommand(cell.id, trace)}`,
      ) ?? [];
    const text = [why, details(cell, checks), ...files].join('\n');
    return `<failure${attributes({ message: why, type: 'unsteady' })}>${escapeXml(visibleLines(text))}</failure>`;
  }
  const message = cell.why ?? 'no reason on record';
  switch (cell.verdict) {
    case 'pass':
      return null;
    case 'fail':
      return `<failure${attributes({ message, type: 'fail' })}>${escapeXml(visibleLines(details(cell, checks)))}</failure>`;
    case 'inconclusive':
      return `<error${attributes({ message, type: 'inconclusive' })}>${escapeXml(visibleLines(details(cell, checks)))}</error>`;
    case 'unsupported':
    case 'unspecified':
      return skipped(`${cell.verdict}: ${message}`);
  }
}

/** GitLab shows the content, Jenkins and GitHub the attribute. */
function skipped(reason: string): string {
  return `<skipped${attributes({ message: reason })}>${escapeXml(visibleLines(reason))}</skipped>`;
}

function details({ id, why, expected, observed, control, rerun, trace }: CellRow, checks: readonly string[]): string {
  return [
    why ?? 'no reason on record',
    `expected: ${OUTCOME_WORDS[expected.outcome]} (${expected.claims.join(', ') || 'no claim'})`,
    `observed: ${OUTCOME_WORDS[observed.outcome]}, final ${observed.status ?? 'none'}`,
    `control: ${control === null ? 'is one itself' : OUTCOME_WORDS[control.outcome]}`,
    ...checks,
    `page: index.html${cellHref(id)}`,
    `messages: ${messagesCommand(id, trace)}`,
    `rerun: ${rerun}`,
  ].join('\n');
}

function counts(cells: readonly CellRow[]) {
  // A test case is one of these only: unsteady comes first.
  const { fail, inconclusive, unsupported, unspecified } = countVerdicts(cells.filter((cell) => !isUnsteady(cell)));
  return {
    tests: `${cells.length}`,
    failures: `${fail + cells.filter(isUnsteady).length}`,
    errors: `${inconclusive}`,
    skipped: `${unsupported + unspecified}`,
  };
}

function attributes(values: Readonly<Record<string, string>>): string {
  return Object.entries(values)
    .map(([name, value]) => ` ${name}="${escapeXml(visible(value))}"`)
    .join('');
}

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

/** For text in which `visible` has replaced what XML 1.0 does not allow at all (2.2, "Characters"). */
function escapeXml(text: string): string {
  return text.replaceAll(/[&<>"]/g, (character) => ENTITIES[character] ?? '');
}

/** JUnit counts in seconds. */
function time(durationMs: number): string {
  return (durationMs / 1000).toFixed(3);
}
