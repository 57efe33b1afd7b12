import { getContainerRuntimeClient } from 'testcontainers';
import { LabError } from '../../errors.ts';
import { READY_WITHIN_MS } from '../../processes/ready.ts';
import { LabContainer, type LabContainerOptions } from './lab-container.ts';
import { runs } from './started.ts';

export interface PodOptions {
  /** An image whose own command does nothing for ever. */
  readonly image: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Control ports that this process must reach, TCP. */
  readonly ports: readonly number[];
  /** Address of the engine's machine to publish them on. */
  readonly hostIp: string;
  /**
   * Addresses by name. Servers ask for the name of an address they listen on, and there is nobody to answer: Kamailio 6 with
   * its own configuration waited for 10 s (seen).
   */
  readonly names: Readonly<Record<string, string>>;
  readonly startTimeoutMs?: number;
}

/**
 * A network namespace that all containers of a lab share. Every actor has a loopback address of its own there, as on a
 * machine of its own, so SIP never leaves it and a capture reads like one of the process runtime; only the published
 * control ports are reached from outside. Its network has no way out: addresses are not masqueraded.
 */
export class Pod implements AsyncDisposable {
  readonly #holder: LabContainer;
  readonly #options: PodOptions;
  readonly #removeNetwork: () => Promise<void>;

  private constructor(holder: LabContainer, options: PodOptions, removeNetwork: () => Promise<void>) {
    this.#holder = holder;
    this.#options = options;
    this.#removeNetwork = removeNetwork;
  }

  /** @throws {LabError} */
  static async start(options: PodOptions): Promise<Pod> {
    const { image, labels, ports, hostIp, names, startTimeoutMs = READY_WITHIN_MS } = options;
    const { network: networks } = await getContainerRuntimeClient();
    const name = `ringfence-${crypto.randomUUID().slice(0, 8)}`;
    const network = await networks
      .create({
        Name: name,
        CheckDuplicate: true,
        Driver: 'bridge',
        Labels: { ...labels },
        Options: { 'com.docker.network.bridge.enable_ip_masquerade': 'false' },
      })
      .catch((cause: Error) => {
        throw new LabError(`The lab's network could not be made: ${cause.message}`, { cause });
      });
    const removeNetwork = async (): Promise<void> => {
      await network.remove();
    };
    try {
      const holder = await LabContainer.start({
        name: 'pod',
        image,
        labels,
        network: name,
        publish: { ports, hostIp },
        names,
        ready: runs(),
        startTimeoutMs,
      });
      return new Pod(holder, options, removeNetwork);
    } catch (error) {
      await removeNetwork();
      throw error;
    }
  }

  /** A container in this pod. @throws {LabError} */
  start(options: Omit<LabContainerOptions, 'labels' | 'network' | 'publish'>): Promise<LabContainer> {
    return LabContainer.start({
      ...options,
      labels: this.#options.labels,
      network: `container:${this.#holder.id}`,
    });
  }

  /** Where a published port is reached from this process. */
  address(port: number): { readonly host: string; readonly port: number } {
    return this.#holder.address(port);
  }

  /** The namespace's keeper ended: nothing of the lab can be reached any more. */
  get exited(): Promise<string> {
    return this.#holder.exited;
  }

  /** Idempotent. Containers in it must have been stopped. */
  async stop(): Promise<void> {
    await this.#holder.stop(0);
    await this.#removeNetwork().catch((error: { statusCode?: number }) => {
      if (error.statusCode !== 404) throw error;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
