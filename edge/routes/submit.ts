import type { AppDeps } from "../app-types.ts";
import type { SubmitRequest } from "../gateway/auction-gateway.ts";
import type { GatewayReply } from "../gateway/http-waiters.ts";

/** Hands a command to the gateway. A call that broke may have handed it over, and then only a retry tells. */
export async function submitTo(
  deps: AppDeps,
  auctionId: string,
  request: SubmitRequest,
): Promise<GatewayReply> {
  try {
    return await deps.submit(auctionId, request);
  } catch (error) {
    console.error(
      JSON.stringify({ level: "error", msg: "a gateway failed", auctionId, error: String(error) }),
    );
    return { kind: "failed", reason: "outcome_unknown" };
  }
}
