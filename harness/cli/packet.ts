import { writeFile } from 'node:fs/promises';
import { relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { UsageError } from '../errors.ts';
import { captureOf } from '../evidence/capture.ts';
import { drawnLadder } from '../evidence/drawn.ts';
import { type PacketContents, packetPage } from '../evidence/packet.ts';
import { ladderOf } from '../ladder/model.ts';
import type { CellRow } from '../model/results.ts';
import { programsOf, serverTitle } from '../report/grid.ts';
import { readRun } from '../results/read.ts';
import type { StoredRun } from '../results/stored-run.ts';

const HELP = `Usage: ./ringfence packet CELL [DIR] [--out FILE.html]

Writes what somebody needs who made the server and has nothing of ours: FILE.html, one page with the reason of the verdict, who says
so, the call beside its control, times, addresses, versions and the command that shows it again; and FILE.pcapng, both calls for
Wireshark or sngrep, which the page has in it, too.

  CELL          id of the cell, or a part of it that only one has
  DIR           the report's folder               [reports/latest]
  --out FILE    where the page goes               [packet.html]

Exit status: 0 written; 2 usage error: no such cell, or a results.json that cannot be read.
`;

/** `./ringfence packet`. @returns the exit status. @throws {UsageError} */
export async function packetCommand(args: string[]): Promise<number> {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: { help: { type: 'boolean', short: 'h' }, out: { type: 'string', default: 'packet.html' } },
  });
  if (values.help === true) {
    process.stdout.write(HELP);
    return 0;
  }
  const [wanted, dir = 'reports/latest', ...more] = positionals;
  if (wanted === undefined) throw new UsageError('which cell? ./ringfence packet CELL [DIR]');
  if (more.length > 0) throw new UsageError(`a packet is of one cell of one report: what is ${more.join(' ')}?`);
  if (!values.out.endsWith('.html'))
    throw new UsageError(`--out takes the name of a page, FILE.html, not "${values.out}"`);
  const run = await readRun(resolve(dir));
  const contents = await contentsOf(run, cellNamed(wanted, run.results.cells, dir));
  const files = [
    [values.out, packetPage(contents)],
    [values.out.replace(/\.html$/, '.pcapng'), captureOf(contents)],
  ] as const;
  for (const [file, content] of files) {
    await writeFile(file, content).catch((cause: Error) => {
      throw new UsageError(`${file} cannot be written: ${cause.message}`, { cause });
    });
    process.stdout.write(`${relative('', resolve(file))}\n`);
  }
  return 0;
}

const NAMED_AT_MOST = 5;

function cellNamed(wanted: string, cells: readonly CellRow[], dir: string): CellRow {
  const exact = cells.find(({ id }) => id === wanted);
  if (exact !== undefined) return exact;
  const [only, ...others] = cells.filter(({ id }) => id.includes(wanted));
  if (only === undefined) throw new UsageError(`${dir} has no cell whose id contains "${wanted}"`);
  if (others.length === 0) return only;
  const named = [only, ...others].slice(0, NAMED_AT_MOST).map(({ id }) => `  ${id}`);
  const rest = others.length + 1 - named.length;
  throw new UsageError(
    `${others.length + 1} cells contain "${wanted}", name one:\n${named.join('\n')}${rest > 0 ? `\n  and ${rest} more` : ''}`,
  );
}

async function contentsOf({ results, detailsOf, traceOf }: StoredRun, row: CellRow): Promise<PacketContents> {
  const controlRow = results.cells.find(({ id }) => id === row.control?.id);
  const [cell, control = null] = await detailsOf(controlRow === undefined ? [row] : [row, controlRow]);
  if (cell === undefined)
    throw new UsageError(`results.json has no details of ${row.id}: was it written again meanwhile?`);
  const messages = await traceOf(row);
  const controlMessages = controlRow === undefined ? null : await traceOf(controlRow);
  const twin = control === null || controlMessages === null ? null : { cell: control, messages: controlMessages };
  return {
    cell,
    control,
    messages,
    controlMessages,
    left: 0,
    ...drawnLadder(ladderOf({ cell, messages }, twin), cell),
    runStartedAt: results.run.startedAt,
    run: { id: results.run.id, server: serverTitle(results, row.server), programs: programsOf(results) },
    claims: results.claims.filter(({ id }) => cell.expected.claims.includes(id)),
  };
}
