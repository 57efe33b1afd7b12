import type { Observation } from '../model/observation.ts';
import type { CellResult } from '../model/results.ts';
import type { PolicyId } from '../model/scenario.ts';
import type { Cell } from '../plan/plan.ts';
import type { Lab } from '../run/lab.ts';
import type { LabSite } from '../run/site.ts';
import type { ServerProcess } from '../runtime/process/server-process.ts';
import type { Rule } from './path/rule.ts';

/** One way to break server, path or lab on purpose, and the cells that must not be green when it is broken so. */
export interface Sabotage {
  /** Stable, kebab-case. */
  readonly id: string;
  /** One sentence: what is done. */
  readonly title: string;
  readonly breaks: 'server' | 'path' | 'lab';
  /** `baseline`: what the same cell came to in a lab that nobody broke. */
  readonly meantFor: (cell: Cell, baseline: CellResult) => boolean;
  /** In as many of the cells it is meant for it changes nothing, and nobody can say beforehand in which. @default 0 */
  readonly spares?: number;
  /**
   * Nothing is broken: what is done is any server's or network's right, and meant for no cell. What must not come of it:
   * a `fail`, or a verdict that differs at all.
   */
  readonly lawful?: 'nothing-fails' | 'nothing-changes';
  /** Policies on which it is not tried, and why: their own source forbids what is lawful elsewhere, or it cannot occur. */
  readonly notOn?: Readonly<Partial<Record<PolicyId, string>>>;
  /** Where the whole matrix at full rate would hide what it does. @default all situations, at the command's rate */
  readonly calls?: { readonly situations: readonly string[]; readonly perSecond: number };
  /** It shows once, or makes the lab late, or its clocks differ: what comes out late is not called again. @default false */
  readonly once?: true;
  /** For one lab: what it remembers is that lab's. */
  readonly begin: () => Breakage;
}

/** What is broken in one lab, at the places where a lab is put together. */
export interface Breakage {
  /** The bundled server's configuration. */
  readonly editConfig?: (config: string) => string;
  readonly onServer?: (server: ServerProcess) => void;
  /** A relay stands between the server and everybody else; each message goes through the rules in this order. */
  readonly rules?: readonly Rule[];
  readonly changeSite?: (site: LabSite) => LabSite;
  readonly onLab?: (lab: Lab) => void;
  /**
   * It did happen, by what was seen of the cells it is meant for (of a lawful one: of all). A sabotage without effect
   * would prove as little as a trap without a canary.
   */
  readonly tookPlace: (seen: readonly Observation[]) => boolean;
}

/** The run that all the others are compared with. */
export const NOTHING_BROKEN: Breakage = { tookPlace: () => true };
