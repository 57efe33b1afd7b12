import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pcapOf } from '../evidence/pcap.ts';
import { rawLines } from '../evidence/raw-text.ts';
import { ladderOf } from '../ladder/model.ts';
import { ladderSvg } from '../ladder/svg.ts';
import { ladderText } from '../ladder/text.ts';
import type { Observation } from '../model/observation.ts';
import type { CellAttachment, CellResult } from '../model/results.ts';
import { visible } from '../report/visible.ts';

interface Flow {
  readonly cell: CellResult;
  readonly messages: Observation['messages'];
}

/**
 * Writes what helps with a cell that went wrong, for Allure to take: the call beside its control, and the messages of
 * both. Cells whose scenario asserts are among them, because that assertion may fail yet.
 *
 * @param dir Made if absent.
 * @returns by cell id.
 */
export async function writeAttachments(
  dir: string,
  cells: readonly CellResult[],
  options: {
    /** Where the cells' controls are looked for. @default the cells themselves */
    readonly controls?: readonly CellResult[];
    readonly observations: ReadonlyMap<string, Observation>;
    /** For so many cells at most. */
    readonly atMost: number;
  },
): Promise<Map<string, readonly CellAttachment[]>> {
  const { controls = cells, observations, atMost } = options;
  const byId = new Map(controls.map((cell) => [cell.id, cell]));
  const flowOf = (id: string | undefined): Flow | null => {
    const cell = byId.get(id ?? '');
    return cell === undefined ? null : { cell, messages: observations.get(cell.id)?.messages ?? [] };
  };
  const wrong = cells.filter((cell) => ['fail', 'inconclusive'].includes(cell.verdict));
  if (wrong.length === 0 || atMost <= 0) return new Map();
  await mkdir(dir, { recursive: true });
  const written = await Promise.all(
    wrong.slice(0, atMost).map(async (cell, index) => {
      const seen = observations.get(cell.id);
      const flow = { cell, messages: seen?.messages ?? [] };
      const startEpochMs = seen?.startedAtEpochMs ?? 0;
      return [cell.id, await writeFlow(join(dir, `${index}`), flow, flowOf(cell.control?.id), startEpochMs)] as const;
    }),
  );
  return new Map(written);
}

async function writeFlow(
  base: string,
  call: Flow,
  control: Flow | null,
  startEpochMs: number,
): Promise<CellAttachment[]> {
  const ladder = ladderOf(call, control);
  const title = visible(call.cell.id);
  const description = visible(call.cell.why ?? call.cell.verdict);
  const contents = [
    ['ladder', 'image/svg+xml', 'ladder.svg', ladderSvg(ladder, { title, description })],
    ['ladder as text', 'text/plain', 'ladder.txt', ladderText(ladder, { title })],
    ['messages', 'text/plain', 'messages.txt', wireText(call)],
    ['capture', 'application/vnd.tcpdump.pcap', 'call.pcap', pcapOf(call.messages, startEpochMs)],
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
