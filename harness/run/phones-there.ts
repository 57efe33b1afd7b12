/** Whether phones were registered while the server had the call: nobody calls one that is not. */
import { PHONE_ROLES, type Role } from '../model/words.ts';
import type { PlacedCell } from './call-groups.ts';
import type { Gathered } from './gather.ts';
import { registeredUsers } from './lodger.ts';
import { serverTimersMs } from './observe.ts';
import type { WireMessage } from './wire-log.ts';

const isPhone = (role: Role): boolean => PHONE_ROLES.some((each) => each === role);

/**
 * Who was registered only when the server had the call already, and was not called: no server could. An account that was lent
 * may be registered for another call, once this one is over.
 */
export function lateToRegister(
  placed: PlacedCell,
  messages: readonly WireMessage[],
  { registeredAtEpochMs }: Pick<Gathered, 'registeredAtEpochMs'>,
): string[] {
  const { begunEpochMs, called } = asked(messages);
  const lastEpochMs = Math.max(...messages.map(({ atEpochMs }) => atEpochMs));
  const overMs = placed.lent === undefined ? Infinity : lastEpochMs - begunEpochMs;
  return registeredUsers(placed).flatMap((user) => {
    const lateMs = (registeredAtEpochMs?.get(user) ?? begunEpochMs) - begunEpochMs;
    if (!(lateMs > 0) || lateMs > overMs || called.has(user)) return [];
    return [`${user} was registered ${Math.ceil(lateMs)} ms after the server had the call, and was not called`];
  });
}

interface LetGo {
  readonly text: string;
  /** Before the server had the call: nothing came of it that a call placed sooner would not show better. */
  readonly before: boolean;
}

/**
 * Who was not called, and may have been let go before the last of the server's waits was over: a phone that is not registered
 * any more looks like one that a header keeps the call from, and sends the call to voice mail.
 */
export function letGo(
  placed: PlacedCell,
  messages: readonly WireMessage[],
  { stayUntilEpochMs }: Pick<Gathered, 'stayUntilEpochMs'>,
): LetGo[] {
  const untilEpochMs = stayUntilEpochMs?.get(placed.key);
  if (untilEpochMs === undefined) return [];
  const { begunEpochMs, called } = asked(messages);
  if (begunEpochMs === Infinity) return []; // there was no call
  const waitsMs = serverTimersMs(placed.cell.scenario.subscriber.waits);
  return registeredUsers(placed).flatMap((user) => {
    const stayedMs = (untilEpochMs.get(user) ?? Infinity) - begunEpochMs;
    if (!(stayedMs < waitsMs) || called.has(user)) return [];
    const when = stayedMs < 0 ? 'before the server had the call' : `${Math.floor(stayedMs)} ms after it had the call`;
    const text = `the server may have let ${user} go ${when}, as it lets phones stay for a moment only, and did not call it`;
    return [{ text, before: stayedMs < 0 }];
  });
}

function asked(messages: readonly WireMessage[]): { begunEpochMs: number; called: ReadonlySet<string | null> } {
  const invites = messages.filter(({ method }) => method === 'INVITE');
  return {
    begunEpochMs: invites.find(({ to }) => to === 'server')?.atEpochMs ?? Infinity,
    called: new Set(invites.flatMap(({ to, requestUser }) => (isPhone(to) ? [requestUser] : []))),
  };
}
