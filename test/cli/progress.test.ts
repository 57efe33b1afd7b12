import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ProgressLine, progressText } from '../../harness/cli/progress.ts';

const calls = { text: 'placing calls', detail: () => '1,242 of 2,250, 480/s', leftMs: () => 5_100 };

describe('progressText', () => {
  it('says what has come of it, and what is left', () => {
    expect(progressText(calls)).toBe('placing calls, 1,242 of 2,250, 480/s, about 6 s more');
  });

  it('never says that nothing is left', () => {
    expect(progressText({ ...calls, leftMs: () => -300 })).toContain('about 1 s more');
  });

  it('is the text and what came of it where nobody knows how long it takes', () => {
    expect(progressText({ text: 'judging' })).toBe('judging');
    expect(progressText({ text: 'reading', detail: () => '3 messages' })).toBe('reading, 3 messages');
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

  it('does not say the same again because the next calls have begun', () => {
    const texts: string[] = [];
    const line = new ProgressLine({ isTTY: false, write: (text: string) => texts.push(text) } as never, {});
    line.show(calls);
    for (let batch = 0; batch < 20; batch++) {
      vi.advanceTimersByTime(300);
      line.show({ ...calls, detail: () => `batch ${batch}` });
    }
    line.end();
    expect(texts).toHaveLength(2);
    expect(texts[1]).toContain('batch 15');
  });

  it('is a plain line every few seconds in a log', () => {
    const texts = written({ isTTY: true }, { CI: 'true' }, 11_000);
    expect(texts).toHaveLength(1 + 2);
    for (const text of texts) expect(text).toMatch(/^ *[\d.]+ s {2}placing calls, \P{Cc}*\n$/u);
  });
});
