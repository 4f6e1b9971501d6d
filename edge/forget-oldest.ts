/** Keeps a map or a set within its limit by forgetting what was put in first. */
export function forgetOldest<K>(
  entries: { size: number; keys(): Iterable<K>; delete(key: K): boolean },
  limit: number,
): void {
  if (entries.size < limit) return;
  for (const oldest of entries.keys()) {
    entries.delete(oldest);
    return;
  }
}
