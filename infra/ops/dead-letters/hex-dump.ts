/** A screen or two; whoever wants the rest takes it from `--json`. */
const MAX_DUMPED_BYTES = 1_024;
const BYTES_A_LINE = 16;

const isDigit = (byte: number): boolean => byte >= 0x30 && byte <= 0x39;

/** Two hex digits a byte; where `digits` are hidden, those of an amount cannot be read out of it. */
export function hexOf(bytes: Uint8Array, { digits }: { digits: "shown" | "hidden" }): string[] {
  return Array.from(bytes, (byte) =>
    digits === "hidden" && isDigit(byte) ? "••" : byte.toString(16).padStart(2, "0"),
  );
}

/** The bytes as lines of hex with the text beside it that they may be; at most a screen or two of them. */
export function hexDump(bytes: Uint8Array, options: { digits: "shown" | "hidden" }): string {
  const lines: string[] = [];
  const shown = bytes.subarray(0, MAX_DUMPED_BYTES);
  for (let at = 0; at < shown.length; at += BYTES_A_LINE) {
    const line = shown.subarray(at, at + BYTES_A_LINE);
    const hex = hexOf(line, options)
      .join(" ")
      .padEnd(BYTES_A_LINE * 3 - 1);
    const text = Array.from(line, (byte) => readable(byte, options.digits)).join("");
    lines.push(`${hex}  ${text}`);
  }
  if (bytes.length > shown.length)
    lines.push(`… and ${bytes.length - shown.length} bytes more (--json has them)`);
  return lines.join("\n");
}

function readable(byte: number, digits: "shown" | "hidden"): string {
  if (isDigit(byte) && digits === "hidden") return "•";
  return byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".";
}
