export { RemoteSipHost } from './client.ts';
export type { EdgePlace } from './messages.ts';
