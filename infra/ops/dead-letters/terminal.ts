/**
 * Text of unknown origin on one line, without what a terminal would obey. Letters hold what anybody sent; an escape
 * sequence in one must not reach the operator's screen.
 */
export function oneLineOf(text: string): string {
  return withoutControls(text.replaceAll(/\s+/g, " ")).trim();
}

/** The same for a text of several lines. */
export function withoutControls(text: string): string {
  return text.replaceAll(/[^\P{Cc}\n]|[\u202a-\u202e\u2066-\u2069]/gu, "\ufffd");
}

/** A line cut to the terminal's width; whole where there is no terminal. */
export function cutToTerminal(line: string, columns: number | undefined = process.stdout.columns): string {
  return columns === undefined || line.length <= columns ? line : `${line.slice(0, columns - 1)}…`;
}
