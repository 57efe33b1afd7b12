import type { SipAddress } from '../model/server.ts';
import { requireSecret } from './control-frames.ts';

/** How a container of a drachtio image becomes the SIP server of one role. */
export interface DrachtioContainer {
  /** Command, after the image's own entry point. */
  readonly args: readonly string[];
  /** To be there before it starts; owned by whomever the image runs as (root), readable by all. */
  readonly files: readonly { readonly path: string; readonly content: string }[];
  readonly env: Readonly<Record<string, string>>;
}

export interface DrachtioContainerOptions {
  /** Where it is to speak SIP, UDP and TCP. */
  readonly sip: SipAddress;
  /** Where applications connect: on all addresses, because a published port arrives on the container's outer one. */
  readonly controlPort: number;
  readonly secret: string;
}

/** Where the server looks when it is told nothing, and where the image has a file of its own that must not count. */
const CONFIG_PATH = '/etc/drachtio.conf.xml';

/**
 * Ready is: `tapDrachtio()` on the published control port gets through, because a server names its SIP address in
 * the reply to `authenticate` only once it has opened it. Its log has `Starting sofia event loop` a moment before.
 *
 * @throws {UsageError} when the secret cannot be put into a control frame
 */
export function realDrachtioContainer(options: DrachtioContainerOptions): DrachtioContainer {
  return {
    args: ['drachtio'],
    files: [{ path: CONFIG_PATH, content: realDrachtioConfig(options) }],
    // The image may come with settings of its own, and the environment wins over the file. Not the secret: that is for the file alone.
    env: { DRACHTIO_ADMIN_TCP_PORT: String(options.controlPort) },
  };
}

/**
 * drachtio.conf.xml of one role. No filters (the image's own file refuses some User-Agents), no call detail records, and
 * a log that tells of faults only: sofia's at level 9, the image's default, costs more than the calls.
 */
export function realDrachtioConfig({ sip, controlPort, secret }: DrachtioContainerOptions): string {
  requireSecret(secret);
  return `<drachtio>
  <admin port="${controlPort}" secret="${attribute(secret)}">0.0.0.0</admin>
  <sip>
    <contacts>
      <contact>sip:${sip.host}:${sip.port};transport=udp,tcp</contact>
    </contacts>
  </sip>
  <cdrs>false</cdrs>
  <logging>
    <console/>
    <sofia-loglevel>1</sofia-loglevel>
    <loglevel>notice</loglevel>
  </logging>
</drachtio>
`;
}

function attribute(value: string): string {
  return value.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
