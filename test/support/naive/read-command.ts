import type { BidBody, NaiveCommand } from "./commands.ts";
import {
  type Fields,
  isAmount,
  isCount,
  isId,
  isKey,
  isObject,
  isText,
  momentOf,
  onlyHas,
} from "./read-fields.ts";
import { readTerms } from "./read-terms.ts";

/** The commands of the contract (`shared/commands.ts`), field by field, and nothing else; null for what is none. */
export function readCommand(command: unknown): NaiveCommand {
  if (!isObject(command)) return null;
  switch (command["type"]) {
    case "tick":
      return onlyHas(command, ["type"]) ? { type: "tick" } : null;
    case "bid":
      return readBid(command);
    case "create":
      return readCreate(command);
    case "manage":
      return readManage(command);
    default:
      return null;
  }
}

const isTrace = (value: unknown): boolean =>
  value === undefined || (typeof value === "string" && value.length <= 64);
const isSalt = (value: unknown): boolean => typeof value === "string" && /^[\w-]{16,64}$/.test(value);
const isFlag = (value: unknown): boolean => value === undefined || value === true;

function readBid(command: Fields): NaiveCommand {
  const { bidderId, key, body, trace } = command;
  if (!onlyHas(command, ["type", "bidderId", "key", "body", "trace"]) || !isTrace(trace)) return null;
  if (!isId(bidderId) || !isKey(key) || !isObject(body) || !isBidBody(body)) return null;
  return { type: "bid", bidderId, key, body };
}

function isBidBody(body: Fields): body is Fields & BidBody {
  if (!onlyHas(body, ["amount", "maxAmount", "buyNow", "quantity", "partial", "waitlist"])) return false;
  const { amount, maxAmount, buyNow, quantity, partial, waitlist } = body;
  if (amount !== undefined && !isAmount(amount)) return false;
  if (maxAmount !== undefined && !isAmount(maxAmount)) return false;
  if (quantity !== undefined && !isCount(quantity, 1_000_000)) return false;
  if (!isFlag(buyNow) || !isFlag(partial) || !isFlag(waitlist)) return false;
  // What no format allows together.
  if (buyNow && Object.keys(body).length > 1) return false;
  if (maxAmount !== undefined && (quantity ?? partial ?? waitlist) !== undefined) return false;
  if (maxAmount !== undefined && amount !== undefined && maxAmount < amount) return false;
  return !(waitlist && amount !== undefined);
}

const isRules = (value: unknown): value is number => value === 1 || value === 2 || value === 3;

function readCreate(command: Fields): NaiveCommand {
  const { sellerId, key, body, trace, rules, aliasSalt, secretSalt } = command;
  const fields = ["type", "sellerId", "key", "body", "rules", "aliasSalt", "secretSalt", "trace"];
  if (!onlyHas(command, fields) || !isTrace(trace)) return null;
  if (!isId(sellerId) || !isKey(key) || !isRules(rules) || !isSalt(aliasSalt)) return null;
  if (secretSalt !== undefined && !isSalt(secretSalt)) return null;
  const terms = readTerms(body);
  return terms === null ? null : { type: "create", sellerId, key, rules, body: terms };
}

const ROLES = ["bidder", "seller", "operator"] as const;

function readManage(command: Fields): NaiveCommand {
  const { actorId, key, body, trace } = command;
  if (!onlyHas(command, ["type", "actorId", "role", "key", "body", "trace"]) || !isTrace(trace)) return null;
  const role = ROLES.find((each) => each === command["role"]);
  const read = readManageBody(body);
  if (!isId(actorId) || !isKey(key) || role === undefined || read === null) return null;
  return { type: "manage", actorId, role, key, body: read as never };
}

/** The body with its reason trimmed and its moment in milliseconds, as the contract reads it. */
function readManageBody(body: unknown): object | null {
  if (!isObject(body)) return null;
  const { action, orderId, bidderId, bidId } = body;
  const reason = typeof body["reason"] === "string" ? body["reason"].trim() : undefined;
  const told = isText(reason, 500) && typeof body["reason"] === "string";
  const has = (...names: string[]): boolean => onlyHas(body, ["action", "reason", ...names]);
  switch (action) {
    case "cancel":
    case "end":
      return told && has() ? { action, reason } : null;
    case "change_end": {
      const endsAt = momentOf(body["endsAt"]);
      return told && has("endsAt") && endsAt !== null ? { action, endsAt, reason } : null;
    }
    case "block":
    case "unblock":
      return told && has("bidderId") && isId(bidderId) ? { action, bidderId, reason } : null;
    case "retract": {
      const named = typeof bidId === "string" && bidId.length <= 64 && isId(bidderId);
      return told && has("bidderId", "bidId") && named ? { action, bidId, bidderId, reason } : null;
    }
    case "confirm":
    case "release":
    case "expire":
    case "second_chance": {
      if (!has("orderId") || !isOrderId(orderId)) return null;
      if (body["reason"] === undefined) return action === "expire" ? null : { action, orderId };
      return told ? { action, orderId, reason } : null;
    }
    default:
      return null;
  }
}

const isOrderId = (value: unknown): boolean =>
  typeof value === "string" && /^[\w-]{1,64}-[1-9][0-9]{0,8}$/.test(value);
