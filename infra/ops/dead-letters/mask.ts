import type { DeadLetter } from "../../../core/shards/dead-letters.ts";
import { commandSchema } from "../../../shared/commands.ts";
import type { Payload } from "./payload.ts";

/** What stands where something is that an operator need not see. */
export const MASK = "•••";

/** Secret in every format, and after the close too; the salts because commitments to secret amounts open under them. */
const SECRET_FIELDS: ReadonlySet<string> = new Set(["maxAmount", "reservePrice", "aliasSalt", "secretSalt"]);

/** Where a number or a text of digits is no amount, whatever else is wrong with the message. */
const HARMLESS_FIELDS: ReadonlySet<string> = new Set(
  "v id origin type key trace rules format bidderId sellerId actorId quantity startsAt endsAt".split(" "),
);

const looksLikeAmount = (text: string): boolean => /^[\d\s.,+eE-]+$/.test(text) && /\d/.test(text);

/** Whether the amounts of bids must stay unseen (I10): unless their auction is known not to be sealed, or to be closed. */
export const amountsAreSecret = (auction: DeadLetter["auction"]): boolean =>
  auction === null || (auction.format === "sealed" && auction.status !== "closed");

/** A payload and its letter's detail as they may be shown; null where there is no JSON to show. */
export interface Shown {
  readonly json: { readonly value: unknown } | null;
  readonly detail: string;
}

/**
 * A letter without its secrets. Of what is not JSON every digit may be one's, and of a command that cannot be read every
 * number that is not known to be harmless: its fields need not be where they should. The detail may quote the payload.
 */
export function withoutSecrets(
  { auction, detail }: Pick<DeadLetter, "auction" | "detail">,
  payload: Payload | null,
): Shown {
  if (payload === null || "bytes" in payload) return { json: null, detail: detail.replaceAll(/\d+/g, MASK) };
  const secrets = new Set<string>();
  const value = maskEnvelope(payload.json, { amounts: amountsAreSecret(auction), secrets });
  const shownDetail = detail.replaceAll(/\d+(\.\d+)?/g, (text) => (secrets.has(text) ? MASK : text));
  return { json: { value }, detail: shownDetail };
}

interface Masking {
  readonly amounts: boolean;
  /** Collects what was masked. */
  readonly secrets: Set<string>;
}

function maskEnvelope(json: unknown, masking: Masking): unknown {
  if (typeof json !== "object" || json === null || Array.isArray(json)) return maskField("", json, masking);
  const shown = Object.entries(json).map(([name, value]) => [
    name,
    name === "commands" && Array.isArray(value)
      ? value.map((command: unknown) => maskCommand(command, masking))
      : maskField(name, value, masking),
  ]);
  return Object.fromEntries(shown);
}

function maskCommand(command: unknown, masking: Masking): unknown {
  const readable = commandSchema.safeParse(command).success;
  return readable ? maskReadable(command, masking) : maskField("", command, masking);
}

/** A command that follows its schema: secrets are where they should be. */
function maskReadable(value: unknown, masking: Masking): unknown {
  return mapFields(value, (name, field) =>
    SECRET_FIELDS.has(name) || (name === "amount" && masking.amounts)
      ? hide(field, masking)
      : maskReadable(field, masking),
  );
}

function maskField(name: string, value: unknown, masking: Masking): unknown {
  if (SECRET_FIELDS.has(name)) return hide(value, masking);
  if (HARMLESS_FIELDS.has(name) && !isObject(value)) return value;
  if (name === "amount" && !masking.amounts) return value;
  if (isObject(value)) return mapFields(value, (inner, field) => maskField(inner, field, masking));
  return looksLikeAmount(String(value)) ? hide(value, masking) : value;
}

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** The same value with each of its fields, or the elements of its arrays, replaced. */
function mapFields(value: unknown, replace: (name: string, field: unknown) => unknown): unknown {
  if (Array.isArray(value)) return value.map((element: unknown) => replace("", element));
  if (!isObject(value)) return value;
  return Object.fromEntries(Object.entries(value).map(([name, field]) => [name, replace(name, field)]));
}

function hide(value: unknown, masking: Masking): string {
  if (isObject(value)) for (const inner of Object.values(value)) hide(inner, masking);
  else masking.secrets.add(String(value));
  return MASK;
}
