/** An application's commands that the server has not answered yet. Its answer is what tells that a message was sent. */
export class Commands {
  readonly #open = new Set<string>();
  readonly #waiting = new Set<{ readonly left: Set<string>; readonly done: () => void }>();

  asked(id: string): void {
    this.#open.add(id);
  }

  answered(id: string): void {
    if (!this.#open.delete(id)) return;
    for (const { left, done } of this.#waiting) {
      left.delete(id);
      if (left.size === 0) done();
    }
  }

  /** Settles when all that are open now are answered, or when that takes too long: what then is missing stays missing. */
  async settled(withinMs: number): Promise<void> {
    if (this.#open.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const deadline = setTimeout(resolve, withinMs);
    const waiter = { left: new Set(this.#open), done: resolve };
    this.#waiting.add(waiter);
    await promise;
    clearTimeout(deadline);
    this.#waiting.delete(waiter);
  }
}
