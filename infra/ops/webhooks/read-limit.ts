/** The value of `--limit`. Throws when it is none. */
export function readLimit(text: string): number {
  const limit = Number(text);
  if (/^\d{1,6}$/.test(text) && limit >= 1) return limit;
  throw new Error(`--limit ${text} is not a whole number from 1`);
}
