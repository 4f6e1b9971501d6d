import type { LoggedMessage } from "../../support/replay.ts";

/** What the checker needs of the command that created an auction, straight from the log. */
export interface Creation {
  readonly rules: number;
  /** Of the bidders' aliases. */
  readonly aliasSalt: string;
}

/** The first one: a seller's retry may stand in the log as well. Nothing, of an auction that was never created. */
export function creationIn(messages: readonly LoggedMessage[]): Creation | undefined {
  for (const { data } of messages) {
    const text = new TextDecoder().decode(data);
    const rules = /"rules":(\d+)/.exec(text)?.[1];
    const aliasSalt = /"aliasSalt":"([A-Za-z0-9_-]+)"/.exec(text)?.[1];
    if (rules !== undefined && aliasSalt !== undefined) return { rules: Number(rules), aliasSalt };
  }
  return undefined;
}
