import { schemaRef, type JsonSchema } from "./json-schema.ts";

export interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  required?: boolean;
  description: string;
  schema: JsonSchema;
  example?: unknown;
}

const idempotencyKey: JsonSchema = { type: "string", pattern: "^[A-Za-z0-9_.:-]{1,64}$" };
const id: JsonSchema = { type: "string", pattern: "^[A-Za-z0-9_-]{1,64}$" };

/** Everything that stands in a path, a query or a request's headers. */
export const parameters = {
  id: {
    name: "id",
    in: "path",
    required: true,
    description: "The auction's id.",
    schema: id,
    example: "Zk3vC1c0T2h6b9uJ8nQwXy",
  },
  bidId: {
    name: "bidId",
    in: "path",
    required: true,
    description: "The bid's id.",
    schema: id,
    example: "m1X0aP7sR4kLq2tYv5eWzU",
  },
  orderId: {
    name: "orderId",
    in: "path",
    required: true,
    description: "The order's id: its auction's, a dash and its number.",
    schema: { type: "string", pattern: "^[A-Za-z0-9_-]{1,64}-[1-9][0-9]{0,8}$" },
    example: "Zk3vC1c0T2h6b9uJ8nQwXy-1",
  },
  IdempotencyKey: {
    name: "Idempotency-Key",
    in: "header",
    required: true,
    description:
      "Chosen by you, once for each thing that you want to happen. A retry with the same key and body gets the first outcome; another body under the same key is refused.",
    schema: idempotencyKey,
    example: "3f1c7c1e-6f0f-4b52-a1a5-1c6d8e2b9a70",
  },
  OptionalIdempotencyKey: {
    name: "Idempotency-Key",
    in: "header",
    description:
      "Optional here, since nothing is created: without one the edge makes a random key, and tells it where a retry would need it.",
    schema: idempotencyKey,
  },
  Prefer: {
    name: "Prefer",
    in: "header",
    description:
      "`wait=N` waits up to N seconds for the outcome (2 without it, at most 10); `respond-async` answers 202 as soon as the log has the command (RFC 7240).",
    schema: { type: "string" },
    example: "wait=5",
  },
  IfNoneMatch: {
    name: "If-None-Match",
    in: "header",
    description: "The `ETag` of what you have: 304 while it is still the newest.",
    schema: { type: "string" },
  },
  status: {
    name: "status",
    in: "query",
    description: "Only auctions in this status.",
    schema: schemaRef("AuctionStatus"),
  },
  orderStatus: {
    name: "status",
    in: "query",
    description: "Only orders in this status.",
    schema: schemaRef("OrderStatus"),
  },
  format: {
    name: "format",
    in: "query",
    description: "Only auctions of this format.",
    schema: schemaRef("AuctionFormat"),
  },
  sort: {
    name: "sort",
    in: "query",
    description: "The next to end first, or the newest first.",
    schema: { type: "string", enum: ["ending", "newest"], default: "ending" },
  },
  cursor: {
    name: "cursor",
    in: "query",
    description: "The `nextCursor` of the page before.",
    schema: { type: "string", maxLength: 400 },
  },
  limit: {
    name: "limit",
    in: "query",
    description: "Rows on the page.",
    schema: { type: "integer", minimum: 1, maximum: 200, default: 50 },
  },
  minVersion: {
    name: "minVersion",
    in: "query",
    description:
      "Waits up to a second for this version of the auction. With the `version` of an outcome you read your own write.",
    schema: { type: "integer", minimum: 0 },
  },
  seq: {
    name: "seq",
    in: "query",
    description: "The sequence that a 202 named: an undecided bid is then pending, not unknown.",
    schema: { type: "integer", minimum: 1 },
  },
  since: {
    name: "since",
    in: "query",
    description: "The last version that you know: the feed goes on from there, without a snapshot if it can.",
    schema: { type: "integer", minimum: 0 },
  },
  LastEventId: {
    name: "Last-Event-ID",
    in: "header",
    description: "The same as since; a browser's EventSource sends it when it reconnects.",
    schema: { type: "string" },
  },
  SecWebSocketProtocol: {
    name: "Sec-WebSocket-Protocol",
    in: "header",
    description: "`lastcall.v1`, and `bearer.<token>` beside it for who wants to bid.",
    schema: { type: "string" },
    example: "lastcall.v1, bearer.eyJhbGciOi…",
  },
} as const satisfies Record<string, Parameter>;

/** Everything that stands in an answer's headers. */
export const headers = {
  RateLimit: {
    description: 'What is left of your bucket, and in how many seconds it grows: `"user";r=59;t=1`.',
    schema: { type: "string" },
  },
  "RateLimit-Policy": {
    description: 'Your bucket: how much it holds, and in how many seconds it fills: `"user";q=60;w=3`.',
    schema: { type: "string" },
  },
  "Retry-After": {
    description: "Seconds after which it is worth trying again.",
    schema: { type: "integer", minimum: 1 },
  },
  Location: { description: "Where the created thing is.", schema: { type: "string" } },
  ETag: { description: "The auction's version, in quotes.", schema: { type: "string" } },
} as const satisfies Record<string, { description: string; schema: JsonSchema }>;

export type ParameterName = keyof typeof parameters;
export type HeaderName = keyof typeof headers;
