import type { AuditReveal } from "../../shared/audit.ts";
import { commitmentTo } from "../../core/auction/commitment.ts";

/** A record with the values in place of their commitments. */
export interface Revealed {
  readonly record: unknown;
  /** Commitments that nothing opens. */
  readonly hidden: number;
  /** Reveals that open no commitment of the record: their value or salt is not the one that was committed to. */
  readonly unfit: readonly AuditReveal[];
}

export function revealed(record: unknown, reveals: readonly AuditReveal[]): Revealed {
  const values = new Map(reveals.map((reveal) => [commitmentTo(reveal.value, reveal.salt), reveal]));
  const opened = new Set<AuditReveal>();
  const hidden = new Set<string>();
  const open = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(open);
    if (typeof value !== "object" || value === null) return value;
    const { c } = value as { c?: unknown };
    if (typeof c === "string") {
      const reveal = values.get(c);
      if (reveal === undefined) hidden.add(c);
      else opened.add(reveal);
      return reveal?.value ?? value;
    }
    return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, open(inner)]));
  };
  const whole = open(record);
  return { record: whole, hidden: hidden.size, unfit: reveals.filter((reveal) => !opened.has(reveal)) };
}
