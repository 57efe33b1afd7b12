import { afterEach, describe, expect, it, vi } from 'vitest';
import { afterCalls, reportsMs, withReports } from '../../harness/cli/time-left.ts';

afterEach(() => {
  vi.useRealTimers();
});

describe('the time left', () => {
  it('counts what comes after the calls, and more of it with Allure', () => {
    const shown = withReports({ text: 'placing calls', leftMs: () => 1000 }, 2250, true);
    expect(shown.leftMs?.()).toBe(1000 + reportsMs(2250, true));
    expect(reportsMs(2250, true)).toBeGreaterThan(reportsMs(2250, false));
    expect(reportsMs(4500, false)).toBeGreaterThan(reportsMs(2250, false));
  });

  it('is not told where nobody knows it', () => {
    expect(withReports({ text: 'canaries' }, 2250, true)).toEqual({ text: 'canaries' });
  });

  it('runs down while reports are made', () => {
    vi.useFakeTimers({ toFake: ['performance'] });
    const { leftMs } = afterCalls('testing cells', 2250, true);
    vi.advanceTimersByTime(400);
    expect(leftMs?.()).toBe(reportsMs(2250, true) - 400);
  });
});
