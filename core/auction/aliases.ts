import { bidderAliasFor } from "../../shared/ids.ts";

/**
 * Aliases that are kept: those of this many first meetings, and of as many before them. An alias costs a hash, and a hot
 * auction names the same bidders with every bid; some 20 MB at most.
 */
const MAX_KEPT = 65_536;

type Aliases = Map<string, string>;

/** By salt, the newest first. A generation that is full becomes the older one; what is still used moves back. */
let newer = new Map<string, Aliases>();
let older = new Map<string, Aliases>();
let kept = 0;

/** How a bidder appears to the others of the auction with this salt; the same as `bidderAliasFor`, remembered. */
export function aliasFor(salt: string, id: string): string {
  let aliases = newer.get(salt);
  if (aliases === undefined) newer.set(salt, (aliases = new Map()));
  let alias = aliases.get(id);
  if (alias === undefined) {
    alias = older.get(salt)?.get(id) ?? bidderAliasFor(salt, id);
    aliases.set(id, alias);
    if (++kept >= MAX_KEPT) {
      older = newer;
      newer = new Map();
      kept = 0;
    }
  }
  return alias;
}
