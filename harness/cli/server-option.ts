/** `--server`: one of the registry, one that somebody else runs, or a program of the user's that is started for the run. */
import { join } from 'node:path';
import { UsageError } from '../errors.ts';
import type { RuntimeId, Statement } from '../model/words.ts';
import { programLauncher } from '../processes/launcher.ts';
import { LIVE_FORM, type LiveServer } from '../servers/live.ts';
import { OWN_SERVER_PAGE, type ServerDescription } from '../servers/own/contract.ts';
import { describeServer, type OwnServer, ownServer } from '../servers/own/own-server.ts';
import { SERVERS, serverOf } from '../servers/registry.ts';
import type { ListedServer } from '../servers/server.ts';
import { keepingItsLog } from './kept-log.ts';
import { type LiveChoice, type LiveOptions, liveRerunOptions, parseExpected, parseLive } from './live-option.ts';
import {
  type ProgramChoice,
  parseProgram,
  programRerunOptions,
  programText,
  requireProgramRuntime,
} from './program-option.ts';

/** `expect`: what it is to do with the headers; null: what it claims. */
export type OwnChoice = Extract<ProgramChoice<never>, { kind: 'command' | 'image' }> & {
  readonly expect: Statement | null;
};

export type ServerChoice = ListedServer | LiveChoice | OwnChoice;

/** One that is asked, and can be started. */
export interface ChosenServer extends OwnServer {
  readonly choice: OwnChoice;
}

const OPTION = { option: '--server', words: [], example: 'server', page: OWN_SERVER_PAGE } as const;

/** None twice; a live one is alone. What is to be expected is said of the user's own. @throws {UsageError} */
export function parseServers(
  texts: readonly string[],
  options: LiveOptions,
): readonly [ServerChoice, ...ServerChoice[]] {
  const [first = '', ...others] = [...new Set(texts)];
  const all = [first, ...others];
  const live = all.find((each) => /^sips?:/i.test(each));
  if (live !== undefined && others.length > 0) {
    throw new UsageError(
      `--server ${live} is called alone, at its own rate: run it by itself, and merge with ./ringfence report DIR DIR`,
    );
  }
  const ofListed = all.some(isProgram) ? { ...options, expect: undefined } : options;
  const parse = (text: string): ServerChoice => parseServer(text, isProgram(text) ? options : ofListed);
  return [parse(first), ...others.map(parse)];
}

function isProgram(text: string): boolean {
  return /^(command|image):/.test(text);
}

/** @throws {UsageError} */
function parseServer(text: string, options: LiveOptions): ServerChoice {
  if (!isProgram(text)) return parseLive(text, options) ?? serverOf(text);
  for (const option of ['accounts', 'bind'] as const) {
    if (options[option] !== undefined) {
      throw new UsageError(
        `--${option} is for a live server alone: --server ${LIVE_FORM}; one that is started for the run is given its accounts`,
      );
    }
  }
  const choice = parseProgram(text, OPTION);
  return { ...choice, expect: parseExpected(options.expect) };
}

export function isLive(choice: ServerChoice): choice is LiveChoice {
  return 'kind' in choice && choice.kind === 'live';
}

export function isOwn(choice: ServerChoice): choice is OwnChoice {
  return 'kind' in choice && choice.kind !== 'live';
}

/**
 * What is known of it before anything is started; a program of the user's is asked.
 *
 * @throws {UsageError} as `openLive`
 * @throws {LabError} unless the program says what it is
 */
export async function openServer(
  choice: ServerChoice,
  options: { readonly rate: number; readonly runtime: 'auto' | RuntimeId; readonly say: (line: string) => void },
): Promise<ListedServer | LiveServer | ChosenServer> {
  if (isLive(choice)) return (await import('./open-live.ts')).openLive(choice, options.rate);
  if (!isOwn(choice)) return choice;
  const { runtime } = options;
  requireProgramRuntime(
    choice,
    runtime === 'auto' ? (choice.kind === 'image' ? 'docker' : 'process') : runtime,
    OPTION,
  );
  const description = await askServer(choice, options.say);
  return { ...ownServer({ kind: choice.kind, description, expect: choice.expect }), choice };
}

/** What it prints is kept where it was not understood; the message says where. @throws {LabError} */
export async function askServer(choice: OwnChoice, say: (line: string) => void): Promise<ServerDescription> {
  return keepingItsLog('ringfence-server-', (logDir) => describedIn(choice, join(logDir, 'server-describe.log'), say));
}

async function describedIn(
  choice: OwnChoice,
  logFile: string,
  say: (line: string) => void,
): Promise<ServerDescription> {
  const id = programText(choice);
  if (choice.kind === 'command') return describeServer(programLauncher(id, choice), { logFile });
  const { inPod } = await import('../runtime/docker/index.ts');
  return inPod({ id, image: choice.image, role: 'server', say }, (launcher) => describeServer(launcher, { logFile }));
}

/** What a cell must be run again with. */
export function serverRerunOptions(choice: ServerChoice): string[] {
  if (isLive(choice)) return liveRerunOptions(choice);
  if (!isOwn(choice)) return choice === SERVERS[0] ? [] : ['--server', choice.id];
  const expected = choice.expect === null ? [] : ['--expect', choice.expect];
  return [...programRerunOptions(choice, OPTION.option), ...expected];
}

/** A program of this machine, asked by itself. @throws {UsageError} unless it is one */
export function parseOwnCommand(text: string): OwnChoice {
  const choice = parseServer(text, {});
  if (!isOwn(choice)) throw new UsageError(`--server takes command:PATH [ARGS] here, not "${text}"`);
  requireProgramRuntime(choice, 'process', OPTION);
  return choice;
}
