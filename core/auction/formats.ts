import type { AuctionFormat } from "../../shared/terms.ts";
import type { AuctionState } from "./auction.ts";
import { drop } from "./drop.ts";
import { dutch } from "./dutch.ts";
import { english } from "./english.ts";
import type { Format } from "./format.ts";
import { sealed } from "./sealed.ts";

/** Every format there is. Total: a new one does not compile until it is here. */
const formats: { readonly [F in AuctionFormat]: Format<F> } = { english, dutch, sealed, drop };

/** The rules of an auction's format. An auction's book and terms are always of its own format, which types cannot say of a union. */
export function formatOf({ terms }: Pick<AuctionState, "terms">): Format<AuctionFormat> {
  return formats[terms.format] as Format<AuctionFormat>;
}
