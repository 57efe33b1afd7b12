import { headerKey } from '../../sip/header-names.ts';
import type { HeaderField, SipResponse } from '../../sip/message.ts';

/** They ask for something that the caller could give at once: RFC 3261 16.7 step 6. */
const HELPFUL: ReadonlySet<number> = new Set([401, 407, 415, 420, 484]);
const CHALLENGES: ReadonlySet<string> = new Set(['www-authenticate', 'proxy-authenticate']);

/** What a proxy answers when all its targets have refused: the response, and challenges of the others that it needs. */
export function bestResponse(
  finals: readonly SipResponse[],
): { response: SipResponse; more: readonly HeaderField[] } | undefined {
  const [response] = finals.toSorted((one, other) => rank(one.status) - rank(other.status));
  if (response === undefined) return undefined;
  if (response.status !== 401 && response.status !== 407) return { response, more: [] };
  const others = finals.filter((one) => one !== response && (one.status === 401 || one.status === 407));
  const more = others.flatMap(({ fields }) => fields.filter(({ name }) => CHALLENGES.has(headerKey(name))));
  return { response, more };
}

/** 6xx first, then the lowest class; within it what helps the caller. */
function rank(status: number): number {
  if (status >= 600) return 0;
  return Math.floor(status / 100) * 2 + (HELPFUL.has(status) ? 0 : 1);
}
