const decoder = new TextDecoder("utf-8", { fatal: true });

/** Deeper than any envelope; what is nested further is treated as bytes, so that nobody's stack overflows on it. */
const MAX_DEPTH = 32;

/** A message as far as it can be read: JSON of whatever shape, or only bytes. */
export type Payload = { readonly json: unknown } | { readonly bytes: Uint8Array };

export function readPayload(bytes: Uint8Array): Payload {
  try {
    const json: unknown = JSON.parse(decoder.decode(bytes));
    return isWithin(MAX_DEPTH, json) ? { json } : { bytes };
  } catch {
    return { bytes };
  }
}

/** The commands of an envelope, whatever they hold; undefined when the message is none. */
export function commandsOf(payload: Payload): readonly unknown[] | undefined {
  const commands = "json" in payload ? fieldOf(payload.json, "commands") : undefined;
  return Array.isArray(commands) ? (commands as readonly unknown[]) : undefined;
}

/** A field of what should be an object. */
export function fieldOf(json: unknown, name: string): unknown {
  return typeof json === "object" && json !== null ? (json as Record<string, unknown>)[name] : undefined;
}

function isWithin(depth: number, value: unknown): boolean {
  if (typeof value !== "object" || value === null) return true;
  return depth > 0 && Object.values(value).every((inner) => isWithin(depth - 1, inner));
}
