import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ProgressLine, progressText } from '../../harness/cli/progress.ts';

const calls = { text: 'placing calls', pace: { total: 2_250, perSecond: 180 }, detail: () => '9,812 messages seen' };

describe('progressText', () => {
  it('says how many calls of all are due, how fast, and what is left', () => {
    expect(progressText(calls, 6_900)).toBe(
      'placing calls, 1,242 of 2,250 due, 180/s, about 6 s more, 9,812 messages seen',
    );
  });

  it('never counts beyond the last call', () => {
    expect(progressText(calls, 60_000)).toContain('2,250 of 2,250 due, 180/s, waiting for the last to end');
  });

  it('is the text and what came of it where there is no pace', () => {
    expect(progressText({ text: 'judging' }, 1)).toBe('judging');
    expect(progressText({ text: 'reading', detail: () => '3 messages' }, 1)).toBe('reading, 3 messages');
  });
});

/** What it writes while calls are placed, and after it was ended. */
function written(stream: { isTTY: boolean; columns?: number }, env: NodeJS.ProcessEnv, forMs: number): string[] {
  const texts: string[] = [];
  const line = new ProgressLine({ ...stream, write: (text: string) => texts.push(text) } as never, env);
  line.show(calls);
  vi.advanceTimersByTime(forMs);
  line.end();
  vi.advanceTimersByTime(60_000);
  return texts;
}

describe('ProgressLine', () => {
  beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] }));
  afterEach(() => void vi.useRealTimers());

  it('is rewritten on a terminal, never longer than it, and wiped at the end', () => {
    const texts = written({ isTTY: true, columns: 60 }, {}, 1_000);
    expect(texts).toHaveLength(1 + 5 + 1);
    for (const text of texts) expect(text).toMatch(/^\r\p{Cc}\[K\P{Cc}{0,59}$/u);
    expect(texts.at(-1)).toBe('\r\u001b[K');
  });

  it('is a plain line every few seconds in a log', () => {
    const texts = written({ isTTY: true }, { CI: 'true' }, 11_000);
    expect(texts).toHaveLength(1 + 2);
    for (const text of texts) expect(text).toMatch(/^ *[\d.]+ s {2}placing calls, \P{Cc}*\n$/u);
  });
});
