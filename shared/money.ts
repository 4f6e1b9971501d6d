import * as z from "zod";

/** Money is an integer of the currency's minor unit (cents, yen, fils), never a float. */
export const amountSchema = z
  .int({ error: "must be a whole number of minor units" })
  .min(1, "must be at least 1 minor unit")
  .max(Number.MAX_SAFE_INTEGER, "must not exceed 9007199254740991");

/** ISO 4217, as known by the runtime's own tables (ICU), so that no list of ours goes stale. */
const currencies = new Set(Intl.supportedValuesOf("currency"));

export const currencySchema = z
  .string()
  .refine((code) => currencies.has(code), "must be an ISO 4217 currency code, e.g. EUR");
