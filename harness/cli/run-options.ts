import { parseArgs } from 'node:util';
import { sets } from '../../scenarios/index.ts';
import { UsageError } from '../errors.ts';
import { CELL_ID_FORM } from '../model/cell-id.ts';
import type { HeaderVariant } from '../model/scenario.ts';
import { PATHS, type Path, RUNTIMES, type RuntimeId, type Transport } from '../model/words.ts';
import type { Selection } from '../plan/plan.ts';
import { parseShard, type Shard } from '../plan/shard.ts';
import { LIVE_FORM } from '../servers/live.ts';
import { SERVERS } from '../servers/registry.ts';
import { unknownWord } from '../unknown-word.ts';
import { type CallerChoice, parseCaller } from './caller-option.ts';
import { type DrachtioChoice, parseDrachtio } from './drachtio-option.ts';
import { headerRows } from './header-option.ts';
import { programText } from './program-option.ts';
import { isLive, isOwn, parseServers, type ServerChoice } from './server-option.ts';
import { SINGLE_FILE_HELP, SINGLE_FILE_OPTIONS, singleFileOf } from './single-file-option.ts';
import { parseTransport, requireTransport } from './transport-option.ts';
import { parseUa, type UaChoice } from './ua-option.ts';

export interface RunCommandOptions {
  readonly selection: Selection;
  /** Rows of header lines that were given; selected, too. */
  readonly headers: readonly HeaderVariant[];
  /** The part of the selection to run; null: all of it. */
  readonly shard: Shard | null;
  /** None twice; a live one is alone. */
  readonly servers: readonly [ServerChoice, ...ServerChoice[]];
  /** Say what the run would be, and place no call. */
  readonly onlyPlan: boolean;
  readonly transport: Transport;
  /** How calls go to the server; each is a matrix of its own. */
  readonly paths: readonly Path[];
  /** Sets of situations in the place of the usual ones; none: the usual ones. */
  readonly set: readonly string[];
  readonly runtime: 'auto' | RuntimeId;
  /** Who plays the callees' own phones. */
  readonly ua: UaChoice;
  /** Who places the calls. */
  readonly caller: CallerChoice;
  /** What the SIP servers of phones and voice mail are. */
  readonly drachtio: DrachtioChoice;
  /** The user's own scenario and variant files, beside the built-in ones. */
  readonly scenarioDirs: readonly string[];
  /** Where the report goes; null: `reports/<run-id>`. */
  readonly reportDir: string | null;
  /** How many runs stay in the reports' usual place; null: all. */
  readonly keep: number | null;
  readonly rate: number;
  readonly concurrency: number;
  /** Every cell is called so often. */
  readonly repeat: number;
  /** Names the run on the wire; null: random. */
  readonly seed: string | null;
  /** Where Allure remembers earlier runs; null: `reports/allure-history.jsonl` for reports in their usual place, else nowhere. */
  readonly historyFile: string | null;
  /** One index.html with the messages in it; null: as the size of the run suggests. */
  readonly singleFile: boolean | null;
  /** The whole matrix on the console, and the claims. */
  readonly matrix: boolean;
  /** Serve a page on loopback that shows the run as it goes on. */
  readonly watch: boolean;
  /** Write Allure's results and page. */
  readonly allure: boolean;
}

export const RUN_HELP = `Usage: ./ringfence run [FILTER...] [OPTIONS]

Runs every cell whose id contains one of the FILTERs (all cells without any), each with its control.
A cell id is ${CELL_ID_FORM}, e.g. kamailio/ms-sipre/voicemail-busy/none/udp/direct.

  --policy ID       only this policy          (may be repeated, as the next two)
  --situation ID    only this situation
  --variant ID      only this header variant
  --header LINE     only this header line of your own, e.g. 'X-My-Header: yes' (may be repeated: a row for each)
  --server S        server under test: ${SERVERS.map(({ id }) => id).join(', ')}  [${SERVERS[0]?.id}]
                    (may be repeated: one after the other, in one report);
                    your own program, image:REF (docker runtime) or "command:PATH ARGS" (process runtime), see
                    docs/own-server.md; or ${LIVE_FORM}
                    ${LIVE_FORM} is one that somebody else runs, see docs/live-server.md; it takes
  --accounts FILE       the accounts that are there (YAML)
  --expect POLICY       what it, or your program, is to do with the headers; else as it or FILE claims, or what
                        it does is reported
  --bind ADDRESS        of this machine, where the server reaches our endpoints  [loopback]
  --plan                how many calls there would be, how many at once, how long; none is placed
  --transport T     udp, tcp or tls: what callers, phones and voice mail speak with the server  [udp]
  --path P          how calls go to the server: direct, or through a B2BUA whose leg gets the header: b2bua-set (the B2BUA
                    puts it there), b2bua-copy (it copies the caller's), b2bua-drop (it loses it); may be repeated [direct]
  --runtime R       auto, process or docker   [auto]
  --ua U            the callees' own phones: phone (Ringfence's), baresip, image:REF (docker runtime) or
                    "command:PATH ARGS" (process runtime), see docs/user-agents.md [phone]
  --caller C        who places the calls: sipp, or your own application, image:REF (docker runtime) or
                    "command:PATH ARGS" (process runtime), see docs/callers.md [sipp]
  --drachtio D      SIP servers of phones and voice mail: embedded, image:REF (a container of it for each, docker
                    runtime), HOST:PORT (one that runs: voice mail's), ROLE=HOST:PORT (may be repeated) [embedded]
  --drachtio-secret S  of a running server; lists of processes show it, so better RINGFENCE_SECRET in the environment
  --set ID          other situations than the usual ones (may be repeated): ${Object.keys(sets).join(', ')}
  --scenarios DIR   your own scenario and variant files, beside the built-in ones (may be repeated)
  --report DIR      where the report goes     [reports/<run-id>]
  --keep N          leave only the N newest runs in reports/, this one among them  [all]
  --shard I/N       only the I-th of N parts, for machines side by side; merge with ./ringfence report
  --repeat N        call every cell N times: one that does not go the same way each time is unsteady  [1]
  --rate N          calls begun per second, at most: a lab that is late slows them  [1000; of a live server 1]
  --concurrency N   calls under way at once   [2000]
  --seed TOKEN      names the run on the wire, 4 to 8 of a-z and 0-9 [random]
  --history FILE    where Allure remembers earlier runs  [reports/allure-history.jsonl; none with --report]
${SINGLE_FILE_HELP}
  --no-allure       leave Allure's results and page out
  --matrix          the whole matrix and the claims on the console, and not in matrix.txt alone
  --watch           a page on this machine's loopback shows the run as it goes on, and becomes its report

ringfence.config.ts (or .mts, .js, .mjs) in the folder that this is started in may say any of them that are not about single
cells; what is typed wins. See docs/package.md.

Exit status: 0 all as expected; 1 at least one cell failed or is unsteady; 2 usage error or bad scenario; 3 the lab failed or a cell
is inconclusive; 130 cancelled.
`;

/** Leaves SIPp, Kamailio and this process room on two cores, one of which may be busy with something else. */
const DEFAULT_RATE = '1000';
/** Somebody else works with it. */
const LIVE_RATE = '1';
const DEFAULT_CONCURRENCY = '2000';

/** @returns null when the help was asked for. @throws {UsageError} */
export function parseRunOptions(args: string[]): RunCommandOptions | null {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      policy: { type: 'string', multiple: true },
      situation: { type: 'string', multiple: true },
      variant: { type: 'string', multiple: true },
      header: { type: 'string', multiple: true },
      server: { type: 'string', multiple: true, default: SERVERS.slice(0, 1).map(({ id }) => id) },
      transport: { type: 'string' },
      path: { type: 'string', multiple: true, default: ['direct'] },
      runtime: { type: 'string', default: 'auto' },
      ua: { type: 'string', default: 'phone' },
      caller: { type: 'string', default: 'sipp' },
      drachtio: { type: 'string', multiple: true },
      'drachtio-secret': { type: 'string' },
      set: { type: 'string', multiple: true },
      scenarios: { type: 'string', multiple: true },
      report: { type: 'string' },
      keep: { type: 'string' },
      accounts: { type: 'string' },
      bind: { type: 'string' },
      expect: { type: 'string' },
      plan: { type: 'boolean', default: false },
      rate: { type: 'string' },
      concurrency: { type: 'string', default: DEFAULT_CONCURRENCY },
      repeat: { type: 'string', default: '1' },
      shard: { type: 'string' },
      seed: { type: 'string' },
      history: { type: 'string' },
      ...SINGLE_FILE_OPTIONS,
      'no-allure': { type: 'boolean', default: false },
      matrix: { type: 'boolean', default: false },
      watch: { type: 'boolean', default: false },
    },
  });
  if (values.help === true) return null;
  const seed = values.seed ?? null;
  if (seed !== null && !/^[a-z0-9]{4,8}$/.test(seed)) {
    throw new UsageError(`--seed takes 4 to 8 of a-z and 0-9, not "${seed}"`);
  }
  const asked = parseTransport(values.transport);
  const servers = parseServers(values.server, { ...values, transport: asked });
  const live = servers.find(isLive);
  const own = servers.find(isOwn);
  const headers = headerRows(values.header ?? []);
  if (values.keep !== undefined && values.report !== undefined) {
    throw new UsageError('--keep is about reports/, where runs go without --report: leave one of the two out');
  }
  const runtime = oneOf('--runtime', values.runtime, ['auto', ...RUNTIMES]);
  const ua = parseUa(values.ua);
  const caller = parseCaller(values.caller);
  if (!live && values.plan) throw new UsageError(`--plan is for a live server alone: --server ${LIVE_FORM}`);
  if (live && runtime === 'docker') {
    throw new UsageError(
      `--server ${LIVE_FORM} needs --runtime process: containers are cut off from everything but each other`,
    );
  }
  if ((live || own !== undefined) && ua.kind !== 'phone') {
    throw new UsageError(
      `--server ${own === undefined ? LIVE_FORM : programText(own)} lends its accounts to one call after the other: leave --ua out`,
    );
  }
  if (live && caller.kind !== 'sipp') {
    throw new UsageError(`--server ${LIVE_FORM} is called by SIPp: leave --caller out`);
  }
  const paths = [...new Set(values.path.map((path) => oneOf('--path', path, PATHS)))];
  const set = values.set ?? [];
  for (const id of set) if (!Object.hasOwn(sets, id)) throw unknownWord('set', id, Object.keys(sets));
  const served = set.find((id) => sets[id]?.situations.some(({ application }) => application !== undefined));
  const needsB2bua = served === undefined ? paths.some((path) => path !== 'direct') && '--path' : `--set ${served}`;
  if (live && needsB2bua !== false) {
    throw new UsageError(`--server ${LIVE_FORM} is called directly: leave ${needsB2bua} out`);
  }
  if (caller.kind !== 'sipp' && needsB2bua !== false) {
    throw new UsageError(
      `${needsB2bua} is for calls that SIPp places, and --caller chooses its own way: leave one of them out`,
    );
  }
  const options: RunCommandOptions = {
    selection: {
      policies: values.policy ?? [],
      situations: values.situation ?? [],
      variants: [...(values.variant ?? []), ...headers.map(({ id }) => id)],
      filters: positionals,
    },
    headers,
    shard: values.shard === undefined ? null : parseShard(values.shard),
    servers,
    onlyPlan: values.plan,
    transport: live?.transport ?? asked ?? 'udp',
    paths,
    set,
    ua,
    caller,
    drachtio: parseDrachtio(values.drachtio ?? [], values['drachtio-secret']),
    runtime,
    scenarioDirs: values.scenarios ?? [],
    reportDir: values.report ?? null,
    keep: values.keep === undefined ? null : positiveNumber('--keep', values.keep, 100_000),
    rate: positiveNumber('--rate', values.rate ?? (live ? LIVE_RATE : DEFAULT_RATE), 2000),
    concurrency: positiveNumber('--concurrency', values.concurrency, 20_000),
    repeat: positiveNumber('--repeat', values.repeat, 10_000),
    seed,
    historyFile: values.history ?? null,
    singleFile: singleFileOf(values),
    matrix: values.matrix,
    watch: values.watch,
    allure: !values['no-allure'],
  };
  requireTransport(options);
  return options;
}

function oneOf<T extends string>(option: string, value: string, allowed: readonly T[]): T {
  const found = allowed.find((each) => each === value);
  if (found === undefined) throw new UsageError(`${option} takes ${allowed.join(' or ')}, not "${value}"`);
  return found;
}

function positiveNumber(option: string, text: string, max: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > max) {
    throw new UsageError(`${option} takes a whole number from 1 to ${max}, not "${text}"`);
  }
  return value;
}
