import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { LabError } from '../errors.ts';
import { kamailioArgs } from '../lab/kamailio.ts';
import { provisionKamailio } from '../lab/kamailio-provisioning.ts';
import { waitForHttp } from '../lab/ready.ts';
import type { SipAddress, StartedServer } from '../model/server.ts';
import type { LabContainer } from './lab-container.ts';
import type { Pod } from './pod.ts';
import { begun } from './started.ts';

/** Fixed: the namespace is the lab's own. */
const SIP_PORT = 5060;
export const PROVISIONING_PORT = 8080;
const WORK_DIR = '/run/kamailio';
const CONFIG = '/etc/kamailio/kamailio.cfg';

export interface KamailioContainerOptions {
  readonly pod: Pod;
  readonly image: string;
  readonly host: string;
  readonly voicemail: SipAddress;
  /** Its log is kept here. */
  readonly workDir: string;
  readonly readyTimeoutMs?: number;
}

/**
 * The server under test in the pod's network. Ready when it answers an OPTIONS, asked from inside, and HTTP, asked through
 * the published port.
 * @throws {LabError} with the end of its log
 */
export async function startKamailioContainer(options: KamailioContainerOptions): Promise<StartedServer> {
  const { pod, image, host, voicemail, workDir, readyTimeoutMs = 10_000 } = options;
  const sip = { host, port: SIP_PORT };
  const container = await pod.start({
    name: 'Kamailio',
    image,
    command: kamailioArgs({
      config: CONFIG,
      workDir: WORK_DIR,
      sip,
      provisioning: { host: '0.0.0.0', port: PROVISIONING_PORT },
      voicemail,
    }),
    writable: [WORK_DIR, '/tmp'],
    ready: begun(), // whether it is ready is asked below
    startTimeoutMs: readyTimeoutMs,
  });
  const provisioning = pod.address(PROVISIONING_PORT);
  let version: string;
  try {
    [version] = await Promise.all([
      versionIn(container),
      waitForSipInside(container, sip, readyTimeoutMs).then(() =>
        waitForHttp(provisioning, { timeoutMs: readyTimeoutMs, gone: container.exited }),
      ),
    ]);
  } catch (error) {
    await container.stop();
    throw error;
  }
  const stop = async (): Promise<void> => {
    await writeFile(join(workDir, 'kamailio.log'), await container.log().catch((error: Error) => error.message));
    await container.stop();
  };
  let stopped: Promise<void> | undefined;
  const stopOnce = (): Promise<void> => {
    stopped ??= stop();
    return stopped;
  };
  return {
    id: 'kamailio',
    name: 'Kamailio',
    version,
    sip,
    exited: container.exited,
    provision: (subscribers) => provisionKamailio(provisioning, subscribers),
    stop: stopOnce,
    [Symbol.asyncDispose]: stopOnce,
  };
}

/** SIP does not leave the pod, so the question is asked there, by a program of the image. */
async function waitForSipInside(container: LabContainer, sip: SipAddress, timeoutMs: number): Promise<void> {
  const asked = await container.exec(['sip-ready', sip.host, String(sip.port), String(timeoutMs)]);
  const [said, status] = await Promise.all([text(asked.output), asked.exited]);
  if (status === 0) return;
  // A program that is executed in a container dies with it, with one status or another.
  const story = (await container.ended()) ?? `${said.trim()}; its log ends:\n${await container.logTail()}`;
  throw new LabError(`Kamailio in its container did not get ready: ${story}`);
}

async function versionIn(container: LabContainer): Promise<string> {
  const asked = await container.exec(['kamailio', '-v']);
  return /kamailio\s+(\d[\w.~-]*)/.exec(await text(asked.output))?.[1] ?? 'unknown';
}
