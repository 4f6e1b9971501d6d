import type { EntryDifference } from "./public-replay.ts";

const FIELDS = [
  "kind",
  "outcome",
  "version",
  "price",
  "actor",
  "key",
  "body",
  "reason",
  "minimum bid",
  "events",
  "first decision",
  "detail",
  "role",
];

/** Longer than any outcome or event that somebody has to compare by eye. */
const MAX_SHOWN = 200;

/** Which entry differs, in which field, and how. */
export function entryInWords({ index, stated, decided }: EntryDifference): string {
  const shown = (value: unknown): string => (JSON.stringify(value) ?? "nothing").slice(0, MAX_SHOWN);
  const field = FIELDS.findIndex((_, i) => shown(stated[i]) !== shown(decided[i]));
  const name = FIELDS[field] ?? "entry";
  return `command ${index + 1}: the file says ${name} ${shown(stated[field])}, by the rules it is ${shown(decided[field])}`;
}
