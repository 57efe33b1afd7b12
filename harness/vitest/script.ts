/** One response of a scripted peer. */
export interface Step {
  readonly status: number;
  /** After the one before, or after the INVITE. @default 0 */
  readonly afterMs?: number;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What a peer does with an INVITE. A list is played in order; a number is a status, at once. */
export type Script = keyof typeof SCRIPTS | readonly (number | Step)[];

const SCRIPTS = { answer: [180, 200], ring: [180], busy: [486], decline: [603] } as const;

export function stepsOf(script: Script): readonly Step[] {
  const steps = typeof script === 'string' ? SCRIPTS[script] : script;
  return steps.map((step) => (typeof step === 'number' ? { status: step } : step));
}
