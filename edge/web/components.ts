import * as z from "zod";
import { auctionStatusSchema, auctionViewSchema, leaderboardEntrySchema } from "../../shared/auctions.ts";
import { bidBodySchema } from "../../shared/bids.ts";
import { clientFrameSchema, serverFrameSchema } from "../../shared/frames.ts";
import { amountSchema, currencySchema } from "../../shared/money.ts";
import { orderSchema, orderSourceSchema, orderStatusSchema } from "../../shared/orders.ts";
import { rejectionReasonSchema } from "../../shared/outcomes.ts";
import { problemSchema } from "../../shared/problem.ts";
import { ownBidSchema, publicBidSchema } from "../../shared/queries.ts";
import { publicEventSchema } from "../../shared/results.ts";
import {
  createAuctionSchema,
  formatSchema,
  incrementSchema,
  momentSchema,
  softCloseSchema,
} from "../../shared/terms.ts";
import {
  blockBodySchema,
  changeEndBodySchema,
  orderBodySchema,
  reasonBodySchema,
} from "../routes/manage-bodies.ts";
import { componentNotes, fieldNotes } from "./notes.ts";
import * as replies from "./reply-schemas.ts";
import { objectsIn, type JsonSchema } from "./json-schema.ts";

/** Parts of requests and of replies alike. */
const shared = {
  Amount: amountSchema,
  AuctionFormat: formatSchema,
  Increment: incrementSchema,
  IncrementTier: incrementSchema.options[1].element,
  SoftClose: softCloseSchema,
};

const requests = {
  Currency: currencySchema,
  Moment: momentSchema,
  CreateAuction: createAuctionSchema,
  Bid: bidBodySchema,
  Reason: reasonBodySchema,
  OptionalReason: orderBodySchema,
  ChangeEnd: changeEndBodySchema,
  Block: blockBodySchema,
  ClientFrame: clientFrameSchema,
};

const requestVariants = {
  ...variantsOf(createAuctionSchema.options, "format", "Terms"),
  ...variantsOf(clientFrameSchema.options, "type", "Frame"),
};

const answers = {
  Auction: auctionViewSchema,
  AuctionStatus: auctionStatusSchema,
  AuctionPage: replies.auctionPageSchema,
  Leaderboard: replies.leaderboardSchema,
  LeaderboardEntry: leaderboardEntrySchema,
  BidOutcome: replies.bidOutcomeSchema,
  BidStatus: replies.bidStatusSchema,
  DecidedBid: replies.decidedBidSchema,
  UndecidedBid: replies.undecidedBidSchema,
  BidPage: replies.bidPageSchema,
  PublicBid: publicBidSchema,
  OwnBid: ownBidSchema,
  OwnBidPage: replies.ownBidPageSchema,
  CommandOutcome: replies.managedOutcomeSchema,
  Order: orderSchema,
  OrderStatus: orderStatusSchema,
  OrderSource: orderSourceSchema,
  OrderPage: replies.orderPageSchema,
  PendingAuction: replies.pendingAuctionSchema,
  PendingBid: replies.pendingBidSchema,
  PendingCommand: replies.pendingCommandSchema,
  Problem: problemSchema,
  RejectionReason: rejectionReasonSchema,
  ServerFrame: serverFrameSchema,
  PublicEvent: publicEventSchema,
  Health: replies.healthSchema,
};

const answerVariants = {
  ...variantsOf(auctionViewSchema.options, "format", "Auction"),
  ...variantsOf(serverFrameSchema.options, "type", "Frame"),
  ...variantsOf(publicEventSchema.options, "type", "Event"),
};

export type RequestName = keyof typeof requests;
export type AnswerName = keyof typeof answers;

/** Every schema of the HTTP and WebSocket faces by its name, with what `notes.ts` says about it. */
export function componentSchemas(): Record<string, JsonSchema> {
  const schemas = {
    ...jsonSchemasOf({ ...shared, ...answers, ...answerVariants }, "output"),
    ...jsonSchemasOf({ ...shared, ...requests, ...requestVariants }, "input"),
  };
  for (const [name, schema] of Object.entries(schemas)) annotate(name, schema);
  for (const schema of Object.values(schemas)) discriminate(schema, schemas);
  return Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => a.localeCompare(b)));
}

/** The variants of a union, named by what tells them apart: `english` of `…Terms` is `EnglishTerms`. */
function variantsOf<T extends z.ZodObject>(
  options: readonly T[],
  discriminator: string,
  suffix: string,
): Record<string, T> {
  return Object.fromEntries(
    options.map((option) => {
      const [value] = (option.shape[discriminator] as z.ZodLiteral<string>).values;
      const words = String(value).split("_");
      const camel = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("");
      return [`${camel}${suffix}`, option];
    }),
  );
}

function jsonSchemasOf(
  schemas: Record<string, z.ZodType>,
  io: "input" | "output",
): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const made = z.toJSONSchema(registry, { io, uri: (id) => `#/components/schemas/${id}` });
  return Object.fromEntries(
    Object.entries(made.schemas).map(([id, { $schema: _dialect, $id: _id, ...schema }]) => {
      tidy(schema as JsonSchema, io);
      return [id, schema as JsonSchema];
    }),
  );
}

/** Leaves out what says nothing: the bounds of safe integers, and the pattern beside a format that everybody knows. */
function tidy(schema: JsonSchema, io: "input" | "output"): void {
  for (const part of objectsIn(schema)) {
    if (part.minimum === -Number.MAX_SAFE_INTEGER) delete part.minimum;
    if (part.maximum === Number.MAX_SAFE_INTEGER) delete part.maximum;
    if (part.format === "date-time") delete part.pattern;
    // A later edge may answer with more fields, and a client has to bear that.
    if (io === "output" && part.additionalProperties === false) delete part.additionalProperties;
  }
}

function annotate(name: string, schema: JsonSchema): void {
  const notes = componentNotes[name];
  if (notes?.about !== undefined) schema.description = notes.about;
  if (notes?.examples !== undefined) schema.examples = notes.examples;
  for (const part of objectsIn(schema)) {
    for (const [field, property] of Object.entries(part.properties ?? {})) {
      const note = notes?.fields?.[field] ?? fieldNotes[field];
      if (note !== undefined) property.description = note;
    }
  }
}

/** Tells code generators which field names the variant. */
function discriminate(schema: JsonSchema, schemas: Record<string, JsonSchema>): void {
  for (const part of objectsIn(schema)) {
    const names = part.oneOf?.map(({ $ref }) => $ref?.slice("#/components/schemas/".length));
    const [first] = names ?? [];
    if (names === undefined || first === undefined) continue;
    const fields = Object.entries(schemas[first]?.properties ?? {});
    const propertyName = fields.find(([, property]) => property.const !== undefined)?.[0];
    if (propertyName === undefined) continue;
    const mapping = names.map((name = "") => [
      String(schemas[name]?.properties?.[propertyName]?.const),
      `#/components/schemas/${name}`,
    ]);
    part.discriminator = { propertyName, mapping: Object.fromEntries(mapping) as Record<string, string> };
  }
}
