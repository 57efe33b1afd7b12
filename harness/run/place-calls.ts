import { join } from 'node:path';
import { headerLines } from '../caller/header-lines.ts';
import { SippRun, type SippRunResult } from '../caller/sipp-run.ts';
import { LabError } from '../errors.ts';
import type { SipAddress } from '../model/server.ts';
import type { CallGroup } from './call-groups.ts';
import { domainOf, userName } from './identity.ts';
import { Pace } from './pace.ts';
import type { LabSite } from './site.ts';

export interface PlaceCallsOptions {
  readonly site: LabSite;
  readonly workDir: string;
  readonly server: SipAddress;
  /** Calls begun per second, over all groups, at most. */
  readonly rate: number;
  readonly concurrency: number;
  /** How late the lab is at this moment: the rate gives way to it. */
  readonly lateMs: () => number;
  readonly signal: AbortSignal;
}

/** For the last call to be answered, hung up and acknowledged, over UDP with a retransmission or two. */
const GRACE_MS = 10_000;

/**
 * Places the calls of all groups at once, each with its share of the rate, as fast as the lab keeps time. Settles when every SIPp has ended; one that
 * cannot be started has a trouble of its own, and the others go on.
 *
 * @throws {LabError} when none can be started
 */
export async function placeCalls(groups: readonly CallGroup[], options: PlaceCallsOptions): Promise<SippRunResult[]> {
  const total = groups.reduce((sum, group) => sum + group.calls.length, 0);
  const started = new Map<SippRun, number>();
  const share = (perSecond: number, calls: number): number => Math.max(1, Math.round((perSecond * calls) / total));
  const pace = new Pace({
    maxPerSecond: options.rate,
    lateMs: options.lateMs,
    onRate: (perSecond) => {
      for (const [sipp, calls] of started) sipp.setRate(share(perSecond, calls));
    },
  });
  const settled = await Promise.allSettled(
    groups.map(async (group, index) => {
      const sipp = await startGroup(group, index, { ...options, rate: share(pace.perSecond, group.calls.length) });
      started.set(sipp, group.calls.length);
      sipp.setRate(share(pace.perSecond, group.calls.length)); // it may have changed in between
      return sipp.result;
    }),
  );
  pace.stop();
  const [first] = settled;
  if (first?.status === 'rejected' && settled.every(({ status }) => status === 'rejected')) {
    throw first.reason instanceof LabError ? first.reason : notPlaced(first.reason);
  }
  return settled.map((each) => {
    if (each.status === 'fulfilled') return each.value;
    const why = each.reason instanceof Error ? each.reason.message : String(each.reason);
    return { messages: [], trouble: `SIPp could not be started: ${why}`, clockTrouble: null };
  });
}

function notPlaced(cause: NodeJS.ErrnoException): LabError {
  const remedy = cause.code === 'EMFILE' ? '; raise the limit of open files (ulimit -n 1024), then try again' : '';
  return new LabError(`No call could be placed: ${cause.message}${remedy}`, { cause });
}

async function startGroup(
  { script, transport, calls }: CallGroup,
  index: number,
  options: PlaceCallsOptions,
): Promise<SippRun> {
  const sipp = await SippRun.start({
    launch: options.site.launchSipp,
    dir: join(options.workDir, `caller-${index + 1}-${script.caller}`),
    local: { host: options.site.hosts.sipp, port: await options.site.callerPort() },
    control: await options.site.callerControl(),
    remote: options.server,
    transport,
    script,
    calls: calls.map(({ cell, key }) => ({
      callee: userName('alice', key),
      domain: domainOf(cell.policy),
      headers: headerLines(cell.variant),
    })),
    rate: options.rate,
    concurrency: options.concurrency,
    lastCallMs: 2 * script.patienceMs + script.talkMs + GRACE_MS,
  });
  const stop = (): void => void sipp.stop();
  options.signal.addEventListener('abort', stop, { once: true });
  if (options.signal.aborted) stop();
  return sipp;
}
