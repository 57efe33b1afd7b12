import { join } from 'node:path';
import { headerLines } from '../caller/header-lines.ts';
import { SippRun, type SippRunResult } from '../caller/sipp-run.ts';
import { LabError } from '../errors.ts';
import type { SipAddress } from '../model/server.ts';
import type { CallGroup } from './call-groups.ts';
import { domainOf, userName } from './identity.ts';
import type { LabSite } from './site.ts';

export interface PlaceCallsOptions {
  readonly site: LabSite;
  readonly workDir: string;
  readonly server: SipAddress;
  /** Calls begun per second, over all groups. */
  readonly rate: number;
  readonly concurrency: number;
  readonly signal: AbortSignal;
}

/** For the last call to be answered, hung up and acknowledged, over UDP with a retransmission or two. */
const GRACE_MS = 10_000;

/**
 * Places the calls of all groups at once, each with its share of the rate. Settles when every SIPp has ended; one that
 * cannot be started has a trouble of its own, and the others go on.
 *
 * @throws {LabError} when none can be started
 */
export async function placeCalls(groups: readonly CallGroup[], options: PlaceCallsOptions): Promise<SippRunResult[]> {
  const total = groups.reduce((sum, group) => sum + group.calls.length, 0);
  const settled = await Promise.allSettled(groups.map((group, index) => placeGroup(group, index, total, options)));
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

async function placeGroup(
  { script, transport, calls }: CallGroup,
  index: number,
  total: number,
  options: PlaceCallsOptions,
): Promise<SippRunResult> {
  const rate = Math.max(1, Math.round((options.rate * calls.length) / total));
  const sipp = await SippRun.start({
    launch: options.site.launchSipp,
    dir: join(options.workDir, `caller-${index + 1}-${script.caller}`),
    local: { host: options.site.hosts.sipp, port: await options.site.callerPort() },
    remote: options.server,
    transport,
    script,
    calls: calls.map(({ cell, key }) => ({
      callee: userName('alice', key),
      domain: domainOf(cell.policy),
      headers: headerLines(cell.variant),
    })),
    rate,
    concurrency: options.concurrency,
    timeoutMs: (calls.length / rate) * 1000 + 2 * script.patienceMs + script.talkMs + GRACE_MS,
  });
  const stop = (): void => void sipp.stop();
  options.signal.addEventListener('abort', stop, { once: true });
  if (options.signal.aborted) stop();
  return sipp.result;
}
