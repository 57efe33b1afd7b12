import { setTimeout as delay } from 'node:timers/promises';
import { LabError } from '../errors.ts';
import { wireLines } from '../model/header-lines.ts';
import type { HeaderVariant } from '../model/scenario.ts';
import { ENDPOINT_ROLES } from '../model/words.ts';
import type { Lab } from './lab.ts';

/** How long a server may take to hear its application, and how often it is asked. */
const HEARD_WITHIN_MS = 5000;
const ASK_EVERY_MS = 20;
/**
 * How often a question is asked that nobody answers. A machine that lets this process stand for longer than an answer may take
 * runs the deadline first: once, every header of an endpoint was called unheard for it (seen at load 12).
 */
const TIMES = 3;
/** Questions under way at once: each has a socket of its own. */
const AT_ONCE = 16;

/**
 * A call that cannot get to an endpoint looks like one that was never sent there. Something on the path may drop what
 * carries a header (a firewall, say), and a server that is not ours refuses by itself what it cannot read and tells its
 * application nothing. So every endpoint is shown every variant's header lines beforehand, in an OPTIONS that its
 * application answers with 200.
 *
 * @returns by variant id, what is not known of its calls
 * @throws {LabError} when they cannot even be asked
 */
export async function blindSpots(lab: Lab, variants: readonly HeaderVariant[]): Promise<Map<string, string[]>> {
  const { askOptions } = lab.site;
  const found = new Map<string, string[]>();
  if (askOptions === undefined) return found;
  const roles = ENDPOINT_ROLES.filter((role) => role !== 'canary');
  await Promise.all(roles.map((role) => untilAnswered(() => askOptions(lab.endpoints[role].sip, []))));
  const questions = roles.flatMap((role) => variants.map((variant) => ({ role, variant }))).values();
  let failure: Error | null = null;
  const ask = async (): Promise<void> => {
    for (const { role, variant } of questions) {
      const { sip, seenBy } = lab.endpoints[role];
      if (failure !== null) return;
      const status = await firstAnswer(() => askOptions(sip, wireLines(variant))).catch((error: Error) => {
        failure = error;
        return null;
      });
      // What an endpoint of ours refuses stands in its record all the same: it is kept below the parser.
      if (status === 200 || (status !== null && seenBy === 'wire')) continue;
      const said = status === null ? 'was not answered' : `was answered ${status}`;
      const whose = seenBy === 'wire' ? 'in this lab' : 'by the drachtio server there, which did not show it';
      const text = `a request with these headers to ${role} ${said} ${whose}: a call that was sent there would not be on record`;
      found.set(variant.id, [...(found.get(variant.id) ?? []), text]);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, ask));
  if (failure !== null)
    throw new LabError(`Cannot ask the endpoints: ${(failure as Error).message}`, { cause: failure });
  return found;
}

async function firstAnswer(ask: () => Promise<number | null>): Promise<number | null> {
  let status: number | null = null;
  for (let nth = 1; nth <= TIMES && status === null; nth++) status = await ask();
  return status;
}

/**
 * A server that is not ours says 503 until it has heard its application say that it wants such requests, which nobody is told
 * of. Whatever else it says, and silence, is for the questions themselves.
 */
async function untilAnswered(ask: () => Promise<number | null>): Promise<void> {
  const deadline = performance.now() + HEARD_WITHIN_MS;
  while ((await ask().catch(() => null)) === 503 && performance.now() < deadline) await delay(ASK_EVERY_MS);
}
