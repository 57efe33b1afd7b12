import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { captureOf } from '../evidence/capture.ts';
import { rawLines } from '../evidence/raw-text.ts';
import { ladderOf } from '../ladder/model.ts';
import { ladderSvg } from '../ladder/svg.ts';
import { ladderText } from '../ladder/text.ts';
import type { SeenMessage } from '../model/observation.ts';
import type { CellResult, CellRow } from '../model/results.ts';
import { visible } from '../report/visible.ts';
import type { StoredRun } from '../results/stored-run.ts';
import type { CellAttachment } from './cell-case.ts';

interface Flow {
  readonly cell: CellResult;
  readonly messages: readonly SeenMessage[];
}

/**
 * Writes what helps with a cell that went wrong, for Allure to take: the call beside its control, and the messages of both.
 *
 * @param dir Made if absent.
 * @param cells Of the run.
 * @returns by cell id.
 */
export async function writeAttachments(
  dir: string,
  cells: readonly CellRow[],
  { results, detailsOf, traceOf }: StoredRun,
): Promise<Map<string, readonly CellAttachment[]>> {
  if (cells.length === 0) return new Map();
  await mkdir(dir, { recursive: true });
  const rowOf = new Map(results.cells.map((cell) => [cell.id, cell]));
  const flowOf = async (row: CellRow): Promise<Flow | null> => {
    const [cell] = await detailsOf([row]);
    return cell === undefined ? null : { cell, messages: await traceOf(row) };
  };
  const written = new Map<string, readonly CellAttachment[]>();
  // One after the other: a call may have thousands of messages.
  for (const [index, row] of cells.entries()) {
    const call = await flowOf(row);
    const controlRow = rowOf.get(row.control?.id ?? '');
    const control = controlRow === undefined ? null : await flowOf(controlRow);
    if (call !== null) written.set(row.id, await writeFlow(join(dir, `${index}`), call, control));
  }
  return written;
}

async function writeFlow(base: string, call: Flow, control: Flow | null): Promise<CellAttachment[]> {
  const ladder = ladderOf(call, control);
  const capture = captureOf({
    ...call,
    control: control?.cell ?? null,
    controlMessages: control?.messages ?? null,
    runStartedAt: '',
  });
  const title = visible(call.cell.id);
  const description = visible(call.cell.why ?? call.cell.verdict);
  const contents = [
    ['ladder', 'image/svg+xml', 'ladder.svg', ladderSvg(ladder, { title, description })],
    ['ladder as text', 'text/plain', 'ladder.txt', ladderText(ladder, { title })],
    ['messages', 'text/plain', 'messages.txt', wireText(call)],
    ['capture', 'application/x-pcapng', 'capture.pcapng', capture],
    ...(control === null ? [] : [['messages of the control', 'text/plain', 'control.txt', wireText(control)] as const]),
  ] as const;
  return Promise.all(
    contents.map(async ([name, contentType, ending, content]) => {
      const file = `${base}-${ending}`;
      await writeFile(file, content);
      return { name, contentType, file };
    }),
  );
}

/** Every message as it was on the wire, with what cannot be seen made visible. */
function wireText({ messages }: Flow): string {
  return messages
    .map(
      ({ atMs, from, to, raw }) => `${atMs.toFixed(1)} ms  ${from} -> ${to}\n\n${rawLines(raw).join('\n').trimEnd()}\n`,
    )
    .join(`\n${'-'.repeat(72)}\n`);
}
