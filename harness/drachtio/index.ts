/** An embedded drachtio-compatible server: what drachtio-srf needs, without the C++ daemon. */
export { type IdSource, randomIds, seededIds } from '../sip/ids.ts';
export type { Clock, SipTimers } from '../sip/timers.ts';
export {
  type HookedMessage,
  type HookVerdict,
  PROTOCOLS,
  type Protocol,
  type SocketAddress,
  type WireHooks,
  type WireRecord,
} from '../sip/wire.ts';
export type { BoundAddress } from './addresses.ts';
export type { DrachtioServerOptions, SipAddress } from './options.ts';
export { DrachtioServer } from './server.ts';
