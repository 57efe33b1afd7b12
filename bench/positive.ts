import { UsageError } from '../harness/errors.ts';

/** @throws {UsageError} for anything but a whole number above 0 */
export function positive(option: string, text: string): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value <= 0)
    throw new UsageError(`${option} takes a whole number above 0, not ${text}.`);
  return value;
}
