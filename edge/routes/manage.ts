import type { ManageCommand } from "../../shared/commands.ts";
import type { ManageBody } from "../../shared/manage.ts";
import type { Outcome } from "../../shared/outcomes.ts";
import { admitGlobally, admitWrite, rateLimitHeaders, type WriteRules } from "../admission/gates.ts";
import type { Role } from "../admission/token.ts";
import type { AppContext } from "../app-types.ts";
import type { GatewayReply } from "../gateway/http-waiters.ts";
import { submitTo } from "./submit.ts";
import { outcomeBody, replyOf, waitOf } from "./replies.ts";

/** Who may run an auction: its owner, which the log checks, or an operator. */
export const RUNNERS: readonly Role[] = ["operator", "seller"];
export const OPERATORS: readonly Role[] = ["operator"];

/** One thing that can be asked of an auction beside a bid. */
export interface Management<T> {
  roles: readonly Role[];
  schema: WriteRules<T>["schema"];
  /** Throws a `ProblemError` when the path names nothing. */
  auctionId(): string;
  /** The command's body, from the request's. */
  body(given: T, auctionId: string): ManageBody | Promise<ManageBody>;
  /** The answer shows the auction as the command left it. */
  showsAuction?: boolean;
}

/** Admits a management command and sends it to the log by the way that bids go: 200 or 409 once committed, 202 while only the stream has it. */
export async function postManagement<T>(c: AppContext, management: Management<T>): Promise<Response> {
  const deps = c.get("deps");
  const { roles, schema } = management;
  const admitted = await admitWrite(c, { kind: "manage", roles, schema, lenient: true });
  const { identity, role, ip, key, take } = admitted;
  const auctionId = management.auctionId();
  await admitGlobally(deps.limiter.manage(identity.userId, ip));
  const body = await management.body(admitted.body, auctionId);
  const command: ManageCommand = { type: "manage", actorId: identity.userId, role, key, body };
  const trace = c.get("trace");
  if (trace !== undefined) command.trace = trace;
  const reply = await submitTo(deps, auctionId, {
    kind: "manage",
    actorId: identity.userId,
    key,
    command: JSON.stringify(command),
    waitMs: waitOf(c.req.raw.headers.get("prefer")),
  });
  return replyOf(reply, {
    status: 200,
    headers: rateLimitHeaders(deps.limiter.policies.manage.user, take),
    body: (outcome) => managedBody(outcome, management.showsAuction === true ? reply : undefined),
    // The key may be one that the edge has made: with it a retry finds the first outcome.
    pending: () => ({ key, outcome: "pending" }),
    failed: { key },
  });
}

function managedBody(outcome: Outcome, reply: GatewayReply | undefined): object {
  const auction = reply?.kind === "decided" ? reply.auction : undefined;
  return { ...outcomeBody(outcome), ...(auction === undefined ? {} : { auction }) };
}
