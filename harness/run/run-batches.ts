/** A run: one lab, and batch after batch of calls. */

import { LabError } from '../errors.ts';
import type { HeaderVariant } from '../model/scenario.ts';
import { nowEpochMs } from '../now.ts';
import { KAMAILIO } from '../servers/kamailio/kamailio.ts';
import type { BatchFacts, BatchOptions } from './batch-options.ts';
import { BatchRun } from './batch-run.ts';
import { blindSpots } from './blind-spots.ts';
import { GREETING_MS } from './call-groups.ts';
import { Behaviours, Callees } from './callees.ts';
import { wayMs } from './canary.ts';
import { Lab } from './lab.ts';
import { lentFlock } from './lent-flock.ts';
import { Lodging } from './lodging.ts';
import type { Trouble } from './observe.ts';
import { recordWarnings, stayWarnings, uaWarnings } from './record-warnings.ts';
import { callerOf } from './site.ts';
import { Turnstile } from './turnstile.ts';
import { unplayableCells } from './unplayable.ts';
import { flockAccounts, flockFor, phonesOfCanaries, Witness } from './witness.ts';
import { mostCalls } from './work.ts';

const CANARY_EVERY_MS = 3_000;
/** Between the rounds that close windows, a server that somebody else runs is left in peace. */
const CANARY_OF_OTHERS_EVERY_MS = 60_000;

export type { BatchFacts, BatchOptions, Reading } from './batch-options.ts';

/**
 * Places every call of the plan in one lab. It judges nothing.
 *
 * @throws {LabError} when the lab does not come up, or the first calls cannot be placed. After that it does not throw: what
 * went wrong stands in `ended`, `trouble` and in the records concerned.
 */
export async function runBatches(options: BatchOptions): Promise<BatchFacts> {
  const { slackMs = 1000, canaryTimeoutMs = 4000, token, cells, server = KAMAILIO } = options;
  const say = options.onProgress ?? (() => {});
  const begun = performance.now();
  const troubles: Trouble[] = [];
  const behaviours = new Behaviours();
  const made = flockFor(token, cells, server);
  const { repeat = 1, again = 0 } = options;
  say({ phase: 'lab', text: `starting ${server.isLive ? '' : 'the server under test, '}phones and voice mail` });
  await using lab = await Lab.start({
    openSite: options.openSite,
    greetingMs: options.greetingMs ?? GREETING_MS,
    behaviourOf: (user) => behaviours.of(user),
    signsOf: (user) => behaviours.signsOf(user),
    colleagueOf: (user) => behaviours.ofColleague(user),
    uaReadyTimeoutMs: options.uaReadyTimeoutMs,
    mostCallees: mostCalls({ cells, repeat, again }) + flockAccounts(made).length,
    b2bua: cells.some(({ path }) => path !== 'direct'),
    onTrouble: (text, users) => troubles.push({ text, users, atEpochMs: nowEpochMs() }),
  });
  const labReadyMs = performance.now() - begun;
  options.onLab?.(lab);

  const lodging = lodgingIn(lab);
  const lent = lodging && { lodging, ...lentFlock(made, cells, { server, lodging }) };
  const flock = lent?.flock ?? made;
  behaviours.answerAt(phonesOfCanaries(flock));
  const unplayable = unplayableCells(cells, {
    server,
    ua: lab.ua,
    site: lab.site,
    isChallenged: lab.server.callers !== undefined,
    lent,
  });
  const callees = new Callees(lab, behaviours, server.innerVoicemail ?? null);
  const { manners } = lab.server;
  const turnstile =
    manners === undefined
      ? null
      : new Turnstile(manners.callsPerSecond, options.signal ?? new AbortController().signal);
  const run = new BatchRun(options, {
    lab,
    callees,
    lodging,
    troubles,
    turnstile,
    playable: cells.filter(({ id }) => !unplayable.has(id)),
  });
  say({ phase: 'phones', text: 'registering phones for the first calls' });
  await callees.tryAll();
  const [, , blind] = await Promise.all([
    run.prepare(),
    callees.register([], flockAccounts(flock)),
    blindSpots(lab, variantsSent(options)),
  ]);
  say({ phase: 'canaries', text: 'canaries' });
  const witness = await Witness.start(lab, flock, {
    slackMs,
    everyMs: options.canaryEveryMs ?? (manners === undefined ? CANARY_EVERY_MS : CANARY_OF_OTHERS_EVERY_MS),
    // One that is on its way as long as it may has so long still to be answered.
    timeoutMs: canaryTimeoutMs + Math.max(0, ...[...flock.rounds, flock.timed ?? []].flat().map(wayMs)),
    lodging,
    turnstile,
    inner: server.innerVoicemail,
  });
  const { ended, trouble, warnings } = await run.place(witness, blind);
  say({ phase: 'reading', text: 'stopping the lab' });
  const atTheEnd = await lab.stop();
  const { server: started, ua } = lab;
  const caller = callerOf(false, lab.site);
  return {
    server: { id: started.id, name: started.name, version: started.version },
    ua: ua && { id: ua.id, name: ua.name, version: ua.version },
    caller: { id: caller.id, name: caller.name, version: caller.version },
    ended,
    trouble,
    warnings: [
      ...recordWarnings(lab),
      ...uaWarnings(lab),
      ...stayWarnings(lab),
      ...witness.warnings(),
      ...warnings,
      ...atTheEnd,
    ],
    labReadyMs,
    unplayable,
  };
}

/** null: the server makes accounts. @throws {LabError} where it lends them to phones that nobody can send away */
function lodgingIn({ server, ua }: Lab): Lodging | null {
  if (server.lender === undefined) return null;
  if (ua === null) return new Lodging(server.lender);
  throw new LabError(
    `${server.name} lends its accounts to one call after the other, and ${ua.name} registers its accounts once and keeps them. ` +
      'Take a server that makes accounts (--server kamailio), or leave --ua out.',
  );
}

/** Header lines that endpoints must be able to hear; an application may send any of the matrix. */
function variantsSent({ cells, variants }: BatchOptions): HeaderVariant[] {
  const called = [...new Set(cells.map(({ variant }) => variant))];
  return called.some(({ kind }) => kind === 'as-sent') ? [...new Set([...called, ...variants])] : called;
}
