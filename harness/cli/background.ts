import { existsSync, writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { join } from 'node:path';
import { type ControlGroup, controlGroups } from '../setup/control-group.ts';

/** A tenth of what whoever is in no such group gets, where both want the processor (docs.kernel.org: cpu.shares, cpu.weight). */
const SHARE: Readonly<Record<1 | 2, { readonly file: string; readonly value: string }>> = {
  1: { file: 'cpu.shares', value: '102' },
  2: { file: 'cpu.weight', value: '10' },
};
/** Where no group can be had: what it starts in a session of its own, as browsers are started, is as nice, and no further back. */
const NICENESS = 10;

/** For what computes, beside what must keep time: it has what processor time the others leave. */
export class Background implements Disposable {
  readonly #group: ControlGroup | null;

  constructor() {
    this.#group = weakGroup();
  }

  /** How it is kept back, in words. */
  get means(): string {
    return this.#group === null ? `niceness ${NICENESS}` : `control group ${this.#group.dir}`;
  }

  /** With all that it starts from now on. Nothing happens to a process that has ended. */
  enter(pid: number): void {
    if (this.#group !== null && entered(this.#group, pid)) return;
    try {
      setPriority(pid, NICENESS);
    } catch {
      // It has ended.
    }
  }

  /** Idempotent. */
  [Symbol.dispose](): void {
    this.#group?.remove();
  }
}

function weakGroup(): ControlGroup | null {
  for (const group of controlGroups('cpu', 'ringfence-background-', '')) {
    const { file, value } = SHARE[group.version];
    // The file is there where the group above hands the controller on.
    if (existsSync(join(group.dir, file)) && written(join(group.dir, file), value)) return group;
    group.remove();
  }
  return null;
}

function entered({ dir }: ControlGroup, pid: number): boolean {
  return written(join(dir, 'cgroup.procs'), String(pid));
}

function written(file: string, value: string): boolean {
  try {
    writeFileSync(file, value);
    return true;
  } catch {
    return false;
  }
}
