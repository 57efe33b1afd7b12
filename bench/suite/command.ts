import { parseArgs } from 'node:util';
import { UsageError } from '../../harness/errors.ts';
import { positive } from '../positive.ts';
import { PARTS, type PartId } from './rows.ts';
import { benchAll, type SuiteOptions } from './suite.ts';

const DEFAULTS = { runs: '3', within: '60', longCells: '100000', cells: '10000' };

/**
 * `./ringfence bench` without a name.
 * @returns 0 when all targets were met, 1 when not
 * @throws {UsageError}
 */
export async function suiteCommand(args: readonly string[], usage: string): Promise<number> {
  const { json, ...options } = parseSuiteArgs(args, usage);
  const { text, ...report } = await benchAll({ ...options, say: (line) => void process.stderr.write(`${line}\n`) });
  process.stdout.write(`${json ? JSON.stringify(report, null, 2) : text}\n`);
  return report.missed.length === 0 ? 0 : 1;
}

/** @throws {UsageError} */
export function parseSuiteArgs(
  args: readonly string[],
  usage: string,
): Omit<SuiteOptions, 'say'> & { readonly json: boolean } {
  const values = parsed(args, usage);
  return {
    runs: positive('--runs', values.runs ?? DEFAULTS.runs),
    only: (values.part ?? []).map(partOf),
    against: values.against ?? null,
    withinMs: positive('--within', values.within ?? DEFAULTS.within) * 60_000,
    longCells: positive('--long-cells', values['long-cells'] ?? DEFAULTS.longCells),
    reportCells: positive('--cells', values.cells ?? DEFAULTS.cells),
    record: values.record ?? false,
    json: values.json ?? false,
  };
}

function parsed(args: readonly string[], usage: string) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        runs: { type: 'string' },
        against: { type: 'string' },
        part: { type: 'string', multiple: true },
        within: { type: 'string' },
        'long-cells': { type: 'string' },
        cells: { type: 'string' },
        record: { type: 'boolean' },
        json: { type: 'boolean' },
      },
    }).values;
  } catch (cause) {
    throw new UsageError(`${(cause as Error).message}\n${usage}`, { cause });
  }
}

function partOf(name: string): PartId {
  const found = PARTS.find((part) => part === name);
  if (found === undefined) throw new UsageError(`--part takes ${PARTS.join(', ')}, not "${name}"`);
  return found;
}
