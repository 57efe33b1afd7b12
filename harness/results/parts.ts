/** What is left of the parts after so many bytes: the system may take fewer than it was given. */
export function beyond(parts: readonly Buffer[], bytes: number): Buffer[] {
  let skipped = 0;
  return parts.flatMap((part) => {
    const rest = part.subarray(Math.max(0, bytes - skipped));
    skipped += part.length;
    return rest.length === 0 ? [] : [rest];
  });
}
