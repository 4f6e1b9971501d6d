import type { ToldAnswer } from "../told.ts";
import { count, type LoadContext, sleep } from "./load-context.ts";
import { type Pursuit, RETRY_EVERY_MS } from "./pursuit.ts";

/** A stopped server answers nothing at all; every reply of a running one comes sooner. */
const REQUEST_TIMEOUT_MS = 12_000;

/** How often a client that was told "not queued" leaves it at that; the log must then not have it. */
const FORGET_SHARE = 0.1;

/** A bid whose 202 named its place is asked for this often before its key is sent again. */
const MAX_LOOKS = 20;

export interface HttpReply {
  readonly status: number;
  readonly body: Readonly<Record<string, unknown>>;
  readonly location: string | null;
}

/** Undefined when there was no answer. */
export async function ask(
  context: LoadContext,
  target: string,
  init: RequestInit,
): Promise<HttpReply | undefined> {
  try {
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const response = await fetch(`${context.job.edgeUrl}${target}`, { ...init, signal });
    const text = await response.text();
    const body = text.startsWith("{") ? (JSON.parse(text) as Record<string, unknown>) : {};
    return { status: response.status, body, location: response.headers.get("location") };
  } catch {
    return undefined;
  }
}

export interface Posting {
  readonly target: string;
  readonly token: string;
  readonly prefer?: string;
  /** The connection's name, for the order in which it sent. */
  readonly connection: string;
  nextPlace(): number;
}

/** Sends a command with the same key until its fate is known, as the protocol asks of clients. */
export async function insist(context: LoadContext, pursuit: Pursuit, posting: Posting): Promise<void> {
  while (!pursuit.isOver) {
    if (Date.now() > context.giveUpAtMs) return pursuit.abandon();
    pursuit.sent(posting.connection, posting.nextPlace());
    const reply = await ask(context, posting.target, {
      method: "POST",
      headers: {
        authorization: `Bearer ${posting.token}`,
        "content-type": "application/json",
        "idempotency-key": pursuit.told.key,
        ...(posting.prefer === undefined ? {} : { prefer: posting.prefer }),
      },
      body: JSON.stringify(pursuit.body),
    });
    await take(context, pursuit, reply);
    if (pursuit.wantsAgain() || pursuit.isOver) continue;
    if (pursuit.told.answers.length > 0) return pursuit.abandon();
    await sleep(RETRY_EVERY_MS);
  }
}

async function take(context: LoadContext, pursuit: Pursuit, reply: HttpReply | undefined): Promise<void> {
  if (reply === undefined) return count(context.figures, "no answer");
  const { status, body } = reply;
  if (typeof body["seq"] === "number" && status !== 202) return pursuit.answered(answerIn(body, "http"));
  if (status === 202) {
    if (typeof body["seq"] === "number") pursuit.acknowledged(body["seq"]);
    // Without a `Location` (what sellers and operators ask) only the key tells more.
    return reply.location === null ? sleep(RETRY_EVERY_MS) : look(context, pursuit, reply.location);
  }
  if (status === 201 && showsAuction(pursuit, body)) return;
  const reason = typeof body["reason"] === "string" ? body["reason"] : "";
  count(context.figures, `${status} ${reason}`);
  // Every other refusal for good has the log's word, and so a place in it; what cannot be found was never sent to it.
  const isOver = (status === 409 && body["queued"] === false) || [400, 403, 404, 422].includes(status);
  // Only with a single attempt is it sure that no earlier one is in the log after all.
  const forgets =
    reason === "not_queued" && pursuit.told.sends.length === 1 && context.random.chance(FORGET_SHARE);
  if (isOver || (forgets && pursuit.told.kind === "bid")) pursuit.refused({ gotMs: Date.now(), reason });
}

/** A creation is confirmed by the auction itself, which does not say where in the log it was created. */
function showsAuction(pursuit: Pursuit, body: HttpReply["body"]): boolean {
  if (pursuit.told.kind !== "create" || typeof body["id"] !== "string") return false;
  pursuit.told.created = true;
  pursuit.abandon();
  return true;
}

/** Asks where the 202 said until the bid is decided there. */
async function look(context: LoadContext, pursuit: Pursuit, location: string): Promise<void> {
  for (let looks = 0; looks < MAX_LOOKS && Date.now() < context.giveUpAtMs; looks++) {
    const reply = await ask(context, location, {});
    const outcome = reply?.body["outcome"];
    if (reply?.status === 200 && showsAuction(pursuit, reply.body)) return;
    if (reply?.status === 200 && outcome !== "pending") return pursuit.answered(answerIn(reply.body, "get"));
    if (reply === undefined || reply.status !== 200)
      count(context.figures, `look ${reply === undefined ? "no answer" : reply.status}`);
    await sleep(RETRY_EVERY_MS);
  }
}

/** An outcome as any door shows it. */
export function answerIn(body: Readonly<Record<string, unknown>>, door: ToldAnswer["door"]): ToldAnswer {
  const { outcome, reason, seq, index, at, version, price } = body;
  return {
    door,
    gotMs: Date.now(),
    // A problem has a reason and no outcome of its own.
    outcome: typeof outcome === "string" ? outcome : "rejected",
    ...(typeof reason === "string" ? { reason } : {}),
    seq: Number(seq),
    index: Number(index),
    at: Number(at),
    ...(typeof version === "number" ? { version } : {}),
    ...(price === undefined ? {} : { price: price as number | null }),
  };
}
