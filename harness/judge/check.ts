import type { Check, CheckId } from '../model/checks.ts';

/** @param wrong one clause; null: it holds, as `seen` says */
export function check(id: CheckId, wrong: string | null, seen: string): Check {
  return wrong === null ? { id, holds: true, seen } : failed(id, wrong);
}

export function failed(id: CheckId, seen: string): Check {
  return { id, holds: false, seen };
}

/** One whose answer does not matter here. */
export function aside(id: CheckId, seen: string): Check {
  return { id, holds: null, seen };
}
