/** What the fields of commands may hold, restated from the contracts. */
export type Fields = Record<string, unknown>;

export const isObject = (value: unknown): value is Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value);

export const onlyHas = (fields: Fields, names: readonly string[]): boolean =>
  Object.keys(fields).every((name) => names.includes(name));

export const isId = (value: unknown): value is string =>
  typeof value === "string" && /^[\w-]{1,64}$/.test(value);
export const isKey = (value: unknown): value is string =>
  typeof value === "string" && /^[\w.:-]{1,64}$/.test(value);

/** A whole number from 1 on. */
export const isCount = (value: unknown, most: number): value is number =>
  Number.isSafeInteger(value) && Number(value) >= 1 && Number(value) <= most;
export const isAmount = (value: unknown): value is number => isCount(value, Number.MAX_SAFE_INTEGER);

/** Trimmed text that every store can carry. */
export const isText = (value: unknown, longest: number): value is string =>
  typeof value === "string" &&
  value.length >= 1 &&
  value.length <= longest &&
  value.isWellFormed() &&
  !value.includes("\0");

const LAST_MOMENT = 8_640_000_000_000_000;
const RFC_3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)$/;

/** Milliseconds since the epoch, or an RFC 3339 text that says them; null for everything else. */
export function momentOf(value: unknown): number | null {
  const millis = typeof value === "string" && RFC_3339.test(value) ? Date.parse(value) : value;
  return Number.isSafeInteger(millis) && Number(millis) >= 0 && Number(millis) <= LAST_MOMENT
    ? Number(millis)
    : null;
}
