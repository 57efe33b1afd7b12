import { parseArgs } from 'node:util';
import { UsageError } from '../errors.ts';
import type { PolicyId } from '../model/scenario.ts';
import { POLICIES } from '../model/words.ts';
import type { Sabotage } from '../sabotage/sabotage.ts';

export interface SabotageCommandOptions {
  readonly sabotages: readonly Sabotage[];
  readonly policy: PolicyId;
  readonly repeat: number;
  /** Where the report goes; null: `reports/<id>-sabotage`. */
  readonly reportDir: string | null;
  readonly concurrency: number;
  /** Only say what there is. */
  readonly list: boolean;
}

/** Labs mostly wait: for rings, windows and canaries. */
const DEFAULT_CONCURRENCY = '8';

export const SABOTAGE_HELP = `Usage: ./ringfence sabotage [WORD...] [OPTIONS]

Breaks server, path and lab on purpose, one way after the other, each in a lab of its own, and shows that no proven
negative stays green under a sabotage that is meant for it. With WORDs: only sabotages whose id contains one of them.

  --policy ID       the policy to attack       [ms-sipre]
  --repeat N        try each sabotage N times  [1]
  --concurrency N   labs side by side, at most [${DEFAULT_CONCURRENCY}]
  --report DIR      where the report goes      [reports/<id>-sabotage]
  --list            what there is, and end

Needs SIPp and Kamailio on this machine, and no Docker.

Exit status: 0 every sabotage was noticed; 1 a proven negative stayed green under a sabotage meant for it, or a lawful
difference was held against the server; 2 usage error; 3 the lab failed, the baseline is not as it should be, or a
sabotage did not take place; 130 cancelled.
`;

/** @returns null when the help was asked for. @throws {UsageError} */
export function parseSabotageOptions(args: string[], all: readonly Sabotage[]): SabotageCommandOptions | null {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      policy: { type: 'string', default: 'ms-sipre' },
      repeat: { type: 'string', default: '1' },
      concurrency: { type: 'string', default: DEFAULT_CONCURRENCY },
      report: { type: 'string' },
      list: { type: 'boolean', default: false },
    },
  });
  if (values.help === true) return null;
  const policy = POLICIES.find((each) => each === values.policy);
  if (policy === undefined) {
    throw new UsageError(`unknown policy "${values.policy}"; there is: ${POLICIES.join(', ')}`);
  }
  const unknown = positionals.find((word) => !all.some(({ id }) => id.includes(word)));
  if (unknown !== undefined) {
    throw new UsageError(`no sabotage matches "${unknown}"; ./ringfence sabotage --list shows what there is`);
  }
  return {
    sabotages: positionals.length === 0 ? all : all.filter(({ id }) => positionals.some((word) => id.includes(word))),
    policy,
    repeat: wholeNumber('--repeat', values.repeat, 100),
    reportDir: values.report ?? null,
    concurrency: wholeNumber('--concurrency', values.concurrency, 64),
    list: values.list,
  };
}

function wholeNumber(option: string, text: string, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw new UsageError(`${option} takes a whole number from 1 to ${max}, not "${text}"`);
  }
  return value;
}
