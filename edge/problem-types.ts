import { rejections, type RejectionReason } from "../shared/outcomes.ts";
import { edgeReasons, type EdgeReason } from "../shared/problem.ts";

/** Every reason for which a request is refused, whoever refuses it. */
export type ProblemReason = EdgeReason | RejectionReason;

/** One kind of refusal: its stable name, its HTTP status, what it means, and who says it. */
export interface ProblemType {
  reason: ProblemReason;
  status: number;
  title: string;
  saidBy: "edge" | "log";
}

/** Refusals of the log that have another status than 409; for 422 the field (or header) at fault, if it is always the same. */
const UNUSUAL: Partial<Record<RejectionReason, { status: number; pointer?: string }>> = {
  auction_not_found: { status: 404 },
  order_not_found: { status: 404 },
  not_permitted: { status: 403 },
  idempotency_key_reused: { status: 422, pointer: "Idempotency-Key" },
  bid_not_for_format: { status: 422 },
  ends_in_the_past: { status: 422, pointer: "/endsAt" },
  end_not_in_future: { status: 422, pointer: "/endsAt" },
  soft_close_too_long: { status: 422, pointer: "/softClose/windowMs" },
};

/** What a refusal that the log decided is called in HTTP. */
export function decidedType(reason: RejectionReason): ProblemType {
  return { reason, status: UNUSUAL[reason]?.status ?? 409, title: rejections[reason], saidBy: "log" };
}

/** The field that a decided refusal finds at fault, where that follows from the reason alone. */
export function faultyField(reason: RejectionReason): string | undefined {
  return UNUSUAL[reason]?.pointer;
}

/** What a refusal of the edge's own is called in HTTP; it may speak in the log's name. */
export function edgeType(reason: ProblemReason): ProblemType {
  if (!(reason in edgeReasons)) return decidedType(reason as RejectionReason);
  const { status, title } = edgeReasons[reason as EdgeReason];
  return { reason, status, title, saidBy: "edge" };
}

/** The table behind all problems and their documentation: what both say with the same status stands in it once. */
export const problemTypes: readonly ProblemType[] = [
  ...Object.keys(edgeReasons).map((reason) => edgeType(reason as EdgeReason)),
  ...Object.keys(rejections)
    .map((reason) => decidedType(reason as RejectionReason))
    .filter(({ reason, status }) => !(reason in edgeReasons) || edgeType(reason).status !== status),
];

/** A problem's `type`: where it is explained, on the host that said it (RFC 9457 allows a relative reference). */
export const typeUrl = (reason: ProblemReason): string => `/docs/problems#${reason}`;
