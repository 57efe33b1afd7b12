const DAY_MS = 86_400_000;
/** A clock that is set while a run goes on is wrong for one to two times so many frames. */
const FRAMES = 500;

/**
 * Puts what a server says of the time of day into our own time. Between its clock and ours there is a difference that nobody
 * knows (another machine, another time zone; two processes of one machine that began under load were eight milliseconds apart),
 * and that is the same for all frames; how long a frame was under way is not. So the frame that came soonest is taken
 * to have come at once, and the others are dated by it: never later than they were read, and never before their cause.
 */
export class ServerClock {
  /** How far its clock is ahead of ours, less the time that the soonest frame was under way: of these frames and of those before. */
  #aheadMs = -Infinity;
  #aheadBeforeMs = -Infinity;
  #frames = 0;

  /**
   * @param time `HH:MM:SS.micro`, of a day in any time zone
   * @returns when the server saw the message; when it was read, where `time` is none
   */
  epochOf(time: string, readEpochMs: number): number {
    const [, hours, minutes, seconds] = /^(\d\d):(\d\d):(\d\d(?:\.\d+)?)$/.exec(time) ?? [];
    if (seconds === undefined) return readEpochMs;
    const ofDayMs = (Number(hours) * 60 + Number(minutes)) * 60_000 + Number(seconds) * 1000;
    const aheadMs = withinHalfADay(ofDayMs - (readEpochMs % DAY_MS));
    this.#remember(aheadMs);
    return readEpochMs - (Math.max(this.#aheadMs, this.#aheadBeforeMs) - aheadMs);
  }

  #remember(aheadMs: number): void {
    if (this.#frames === FRAMES) {
      [this.#aheadBeforeMs, this.#aheadMs, this.#frames] = [this.#aheadMs, -Infinity, 0];
    }
    this.#frames += 1;
    this.#aheadMs = Math.max(this.#aheadMs, aheadMs);
  }
}

function withinHalfADay(ms: number): number {
  return ((((ms + DAY_MS / 2) % DAY_MS) + DAY_MS) % DAY_MS) - DAY_MS / 2;
}
