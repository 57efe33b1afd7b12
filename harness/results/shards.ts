/**
 * What merged runs hold of one selection: all parts that they name, or nothing once no part is missing. A run without
 * parts is whole, and whatever is merged with it adds nothing to miss.
 */
export function mergedShards(runs: readonly { readonly shards?: readonly string[] }[]): string[] {
  if (runs.some(({ shards }) => shards === undefined)) return [];
  const present = [...new Set(runs.flatMap(({ shards = [] }) => shards))].toSorted();
  return missingShards(present).length === 0 ? [] : present;
}

/** `['1/3', '2/3']` -> `['3/3']`. */
export function missingShards(present: readonly string[]): string[] {
  const counts = [...new Set(present.map((shard) => Number(shard.split('/')[1])))];
  return counts.flatMap((count) =>
    Array.from({ length: count }, (_, at) => `${at + 1}/${count}`).filter((shard) => !present.includes(shard)),
  );
}
