import type { AuctionFormat } from "../../shared/auctions.ts";
import { english } from "./english.ts";
import type { Format } from "./format.ts";

/** Every format there is. Total: a new one does not compile until it is here. */
export const formats: { readonly [F in AuctionFormat]: Format<F> } = {
  english,
};
