import * as z from "zod";
import { CURRENCIES } from "./currencies.ts";

/** Money is an integer of the currency's minor unit (cents, yen, fils), never a float. */
export const amountSchema = z
  .int({ error: "must be a whole number of minor units" })
  .min(1, "must be at least 1 minor unit")
  .max(Number.MAX_SAFE_INTEGER, "must not exceed 9007199254740991");

export const currencySchema = z
  .string()
  .refine((code) => CURRENCIES.has(code), "must be an ISO 4217 currency code, e.g. EUR");
