/** `--transport`: what is spoken with the server under test. */
import { UsageError } from '../errors.ts';
import { TRANSPORTS, type Transport } from '../model/words.ts';
import { SERVERS } from '../servers/registry.ts';
import { programText } from './program-option.ts';
import type { RunCommandOptions } from './run-options.ts';
import { isLive, isOwn } from './server-option.ts';

/** undefined: nothing was asked for. @throws {UsageError} */
export function parseTransport(text: string | undefined): Transport | undefined {
  if (text === undefined) return undefined;
  const found = TRANSPORTS.find((each) => each === text);
  if (found === undefined) throw new UsageError(`--transport takes ${TRANSPORTS.join(' or ')}, not "${text}"`);
  return found;
}

/** @throws {UsageError} where somebody in the lab does not speak TLS */
export function requireTransport({ transport, servers, drachtio }: RunCommandOptions): void {
  if (transport !== 'tls') return;
  const leave = (option: string, who: string): UsageError =>
    new UsageError(`--transport tls: ${who} of ${option} would speak UDP; leave ${option} out`);
  const unable = servers.find((each) => !isLive(each) && (isOwn(each) || each.speaksTls !== true));
  if (unable !== undefined && !isLive(unable)) {
    const able = SERVERS.filter(({ speaksTls }) => speaksTls).map(({ id }) => id);
    throw new UsageError(
      `--transport tls: ${isOwn(unable) ? programText(unable) : unable.name} is set up here for UDP and TCP; --server ${able.join(' or ')} speaks TLS, and so may one that somebody else runs (docs/live-server.md)`,
    );
  }
  if (drachtio.kind !== 'embedded') throw leave('--drachtio', 'the SIP servers');
}
