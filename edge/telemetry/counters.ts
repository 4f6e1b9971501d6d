/** What this isolate has counted since it started; `GET /v1/health` shows it. */
const counts = new Map<string, number>();

export function count(name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

export function counters(): Record<string, number> {
  return Object.fromEntries(counts);
}
