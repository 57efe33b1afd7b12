export { RemoteSipHost } from './client.ts';
