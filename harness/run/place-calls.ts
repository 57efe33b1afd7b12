import { join } from 'node:path';
import type { CallerRecord, CallsUnderWay } from '../callers/caller.ts';
import type { B2bua } from '../endpoints/b2bua.ts';
import { LabError } from '../errors.ts';
import type { Credentials } from '../model/accounts.ts';
import { headerLines, headerNames, wireLines } from '../model/header-lines.ts';
import { linesOnTheWay } from '../model/path.ts';
import type { SipAddress } from '../model/server.ts';
import type { Path } from '../model/words.ts';
import type { CallGroup, PlacedCell } from './call-groups.ts';
import { calleeOf, memberUser } from './lodger.ts';
import type { Pacer } from './pacer.ts';
import { callerOf, type LabSite } from './site.ts';
import type { Turnstile } from './turnstile.ts';

export interface PlaceCallsOptions {
  readonly site: LabSite;
  readonly workDir: string;
  readonly server: SipAddress;
  /** Where calls go that do not go there directly. */
  readonly b2bua: B2bua | null;
  /** What callers answer a challenge with. */
  readonly credentials: Credentials | undefined;
  readonly pacer: Pacer;
  /** Whom the calls come from; left out: the caller's own choice. */
  readonly from?: string | undefined;
  /** Where calls may not begin as they like. */
  readonly turnstile: Turnstile | null;
  readonly concurrency: number;
  readonly signal: AbortSignal;
}

export interface PlacedCalls {
  /** Settles when every call has begun, or its caller has ended. */
  readonly begun: Promise<void>;
  /** Settles when every task has ended; one that cannot be begun has a trouble of its own, and the others go on. Never rejects. */
  readonly ended: Promise<CallerRecord[]>;
}

/** For the last call to be answered, hung up and acknowledged, over UDP with a retransmission or two. */
const GRACE_MS = 10_000;

/**
 * Begins the calls of all groups at once, each with its share of the rate.
 *
 * @throws {LabError} when no caller can be started
 */
export async function placeCalls(groups: readonly CallGroup[], options: PlaceCallsOptions): Promise<PlacedCalls> {
  const total = groups.reduce((sum, group) => sum + group.calls.length, 0);
  const settled = await Promise.allSettled(groups.map((group) => startGroup(group, total, options)));
  const [first] = settled;
  if (first?.status === 'rejected' && settled.every(({ status }) => status === 'rejected')) {
    throw first.reason instanceof LabError ? first.reason : notPlaced(first.reason);
  }
  const started = settled.flatMap((each) => (each.status === 'fulfilled' ? [each.value] : []));
  const begun = options.pacer.add(started);
  const ended = Promise.all(
    settled.map((each, index): Promise<CallerRecord> | CallerRecord => {
      if (each.status === 'fulfilled') return each.value.result;
      const why = each.reason instanceof Error ? each.reason.message : String(each.reason);
      const { name } = callerOf(groups[index]?.control === true, options.site);
      return { messages: [], trouble: `${name} could not be started: ${why}`, clockTrouble: null };
    }),
  );
  return { begun, ended };
}

function notPlaced(cause: NodeJS.ErrnoException): LabError {
  const remedy = cause.code === 'EMFILE' ? '; raise the limit of open files (ulimit -n 1024), then try again' : '';
  return new LabError(`No call could be placed: ${cause.message}${remedy}`, { cause });
}

async function startGroup(
  { plan, transport, path, calls, name, control }: CallGroup,
  total: number,
  options: PlaceCallsOptions,
): Promise<CallsUnderWay> {
  await options.turnstile?.pass(calls.length);
  const remote = path === 'direct' ? options.server : handOn(calls, path, options);
  const underWay = await callerOf(control, options.site).place({
    dir: join(options.workDir, name),
    remote,
    transport,
    plan: { ...plan, from: options.from },
    calls: calls.map((call) => {
      const { user, domain } = calleeOf(call);
      const headers = linesOnTheWay(path, wireLines(call.cell.variant)).caller;
      return { callee: user, domain, headers, credentials: options.credentials };
    }),
    rate: options.pacer.shareOf(calls.length, total),
    concurrency: options.concurrency,
    lastCallMs: 2 * plan.patienceMs + plan.talkMs + GRACE_MS,
  });
  const stop = (): void => void underWay.stop();
  options.signal.addEventListener('abort', stop, { once: true });
  void underWay.result.then(() => options.signal.removeEventListener('abort', stop));
  if (options.signal.aborted) stop();
  return underWay;
}

/** Tells the B2BUA what to do with these calls. @returns where they go. @throws {LabError} when there is none */
function handOn(calls: readonly PlacedCell[], path: Path, { b2bua, server }: PlaceCallsOptions): SipAddress {
  if (b2bua === null) throw new LabError(`Calls were to go through a B2BUA (${path}), and this lab has none.`);
  for (const call of calls) {
    const { variant, transport, scenario } = call.cell;
    const lines = headerLines(variant);
    const { user, domain } = calleeOf(call);
    const next = {
      voicemail: `sip:${user}@${domain};opaque=app:voicemail`,
      delegate: `sip:${memberUser(call, 'delegates')}@${domain}`,
    };
    b2bua.expect(user, {
      server,
      transport,
      set: path === 'b2bua-set' ? lines : [],
      copy: path === 'b2bua-copy' ? [...headerNames([variant])] : [],
      serve: scenario.application && {
        application: scenario.application,
        next: scenario.application.next === undefined ? null : next[scenario.application.next],
      },
    });
  }
  return b2bua.sip;
}
