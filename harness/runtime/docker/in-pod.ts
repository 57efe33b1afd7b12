import type { Launcher } from '../../processes/launcher.ts';
import { ensurePulled } from './base-image.ts';
import { Owner } from './clean-up.ts';
import { findEngine } from './engine.ts';
import { ensureImages } from './images.ts';
import { Pod } from './pod.ts';
import { containerLauncher } from './program-launcher.ts';

export interface InPodOptions {
  /** What the user typed. */
  readonly id: string;
  readonly image: string;
  readonly role: 'server';
  readonly say: (line: string) => void;
}

/**
 * Something to be done with a program of the user's in an image, before there is a lab: in a pod of its own, that is gone then.
 *
 * @throws {LabError} without an engine or the image
 */
export async function inPod<T>({ say, ...program }: InPodOptions, use: (launcher: Launcher) => Promise<T>): Promise<T> {
  const { docker, arch, hostIp } = await findEngine();
  await using owner = await Owner.start(docker);
  const { sipp } = await ensureImages(docker, { need: ['sipp'], arch, say });
  await ensurePulled(docker, program.image, { say });
  await using pod = await Pod.start({ image: sipp, labels: owner.labels, ports: [], hostIp, names: {} });
  return await use(containerLauncher(pod, program));
}
