import type { Increment, Terms } from "./commands.ts";
import { type Fields, isAmount, isCount, isObject, isText, momentOf, onlyHas } from "./read-fields.ts";

const YEAR_MS = 366 * 86_400_000;
const isDuration = (value: unknown): value is number => isCount(value, YEAR_MS);
const isUnits = (value: unknown): value is number => isCount(value, 1_000_000);
const absent = (is: (value: unknown) => boolean, value: unknown): boolean => value === undefined || is(value);

/** The terms of an auction as the contract (`shared/terms.ts`) lets them through: title trimmed, moments in milliseconds. */
export function readTerms(body: unknown): Terms | null {
  if (!isObject(body)) return null;
  const read: Fields = { ...body };
  for (const name of ["startsAt", "endsAt"]) {
    if (read[name] === undefined) continue;
    read[name] = momentOf(read[name]);
    if (read[name] === null) return null;
  }
  if (typeof read["title"] === "string") read["title"] = read["title"].trim();
  if (!isText(read["title"], 200) || !isCurrency(read["currency"])) return null;
  const { startsAt, endsAt } = read;
  if (startsAt !== undefined && endsAt !== undefined && Number(startsAt) >= Number(endsAt)) return null;
  if (endsAt === undefined && read["format"] !== "dutch") return null;
  return fits(read) ? (read as unknown as Terms) : null;
}

/** Three capital letters will do here: which of them are currencies is the contract's own affair. */
const isCurrency = (value: unknown): boolean => typeof value === "string" && /^[A-Z]{3}$/.test(value);

const LISTING = ["format", "title", "currency", "startsAt", "endsAt"];

function fits(terms: Fields): boolean {
  switch (terms["format"]) {
    case "english":
      return isEnglish(terms);
    case "dutch":
      return isDutch(terms);
    case "sealed":
      return (
        onlyHas(terms, [...LISTING, "pricing", "reservePrice", "settlement"]) &&
        (terms["pricing"] === "first" || terms["pricing"] === "second") &&
        absent(isAmount, terms["reservePrice"]) &&
        absent(isSettlement, terms["settlement"])
      );
    case "drop":
      return (
        onlyHas(terms, [...LISTING, "price", "units", "perBidder", "holdMs"]) &&
        isAmount(terms["price"]) &&
        isUnits(terms["units"]) &&
        absent(isUnits, terms["perBidder"]) &&
        absent(isDuration, terms["holdMs"]) &&
        isSafe(BigInt(terms["price"]) * BigInt(terms["units"]))
      );
    default:
      return false;
  }
}

function isEnglish(terms: Fields): boolean {
  const { startPrice, increment, reservePrice, buyNowPrice, softClose, settlement } = terms;
  const names = ["startPrice", "increment", "reservePrice", "buyNowPrice", "softClose", "settlement"];
  if (!onlyHas(terms, [...LISTING, ...names])) return false;
  if (!isAmount(startPrice) || !isIncrement(increment)) return false;
  if (!absent(isAmount, reservePrice) || !absent(isAmount, buyNowPrice)) return false;
  if (!absent(isSoftClose, softClose) || !absent(isSettlement, settlement)) return false;
  const least = Math.max(startPrice, Number(reservePrice ?? 0));
  if (reservePrice !== undefined && Number(reservePrice) < startPrice) return false;
  if (buyNowPrice !== undefined && Number(buyNowPrice) < least) return false;
  if (!isObject(softClose) || terms["startsAt"] === undefined) return true;
  return Number(softClose["windowMs"]) <= Number(terms["endsAt"]) - Number(terms["startsAt"]);
}

function isIncrement(value: unknown): value is Increment {
  if (!Array.isArray(value)) return isAmount(value);
  const tiers: readonly unknown[] = value;
  return (
    tiers.length >= 1 &&
    tiers.length <= 32 &&
    tiers.every((tier, place) => {
      if (!isObject(tier) || !onlyHas(tier, ["from", "step"]) || !isAmount(tier["step"])) return false;
      const before = tiers[place - 1];
      if (place === 0) return tier["from"] === 0;
      return isAmount(tier["from"]) && isObject(before) && tier["from"] > Number(before["from"]);
    })
  );
}

const isSoftClose = (value: unknown): boolean =>
  isObject(value) &&
  onlyHas(value, ["windowMs", "extendMs", "maxExtensions"]) &&
  isDuration(value["windowMs"]) &&
  isDuration(value["extendMs"]) &&
  absent((most) => isCount(most, 10_000), value["maxExtensions"]);

const isSettlement = (value: unknown): boolean =>
  isObject(value) &&
  onlyHas(value, ["payWithinMs", "secondChance"]) &&
  isDuration(value["payWithinMs"]) &&
  absent((chance) => typeof chance === "boolean", value["secondChance"]);

function isDutch(terms: Fields): boolean {
  const { startPrice, floorPrice, stepAmount, stepMs, units, graceMs, endsAt, settlement } = terms;
  const names = ["startPrice", "floorPrice", "stepAmount", "stepMs", "units", "graceMs", "settlement"];
  if (!onlyHas(terms, [...LISTING, ...names])) return false;
  if (!isAmount(startPrice) || !isAmount(floorPrice) || !isAmount(stepAmount)) return false;
  if (!isDuration(stepMs) || stepMs < 100 || !absent(isUnits, units) || !absent(isDuration, graceMs))
    return false;
  // Nobody is offered what another has not paid for: it is for sale again.
  const pays = (value: unknown): boolean =>
    isObject(value) && onlyHas(value, ["payWithinMs"]) && isSettlement(value);
  if (!absent(pays, settlement) || floorPrice > startPrice) return false;
  if (endsAt !== undefined && graceMs !== undefined) return false;
  if (BigInt(startPrice - floorPrice) > BigInt(stepAmount) * 86_400n) return false;
  const steps = Math.ceil((startPrice - floorPrice) / stepAmount);
  const floorFor = isDuration(graceMs) ? graceMs : stepMs;
  const startsAt = momentOf(terms["startsAt"]) ?? 0;
  if (startsAt + steps * stepMs + floorFor > 8_640_000_000_000_000) return false;
  return isSafe(BigInt(startPrice) * BigInt(isUnits(units) ? units : 1));
}

const isSafe = (money: bigint): boolean => money <= BigInt(Number.MAX_SAFE_INTEGER);
