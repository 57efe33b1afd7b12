/** The user agent under test: the callee's own phone, where that is not ours. See docs/user-agents.md. */
export { type StartedEdge, startEdge } from './edge.ts';
export { type StartedUa, startUa, type UaSite } from './ua.ts';
