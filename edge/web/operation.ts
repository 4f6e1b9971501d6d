import type { Role } from "../admission/token.ts";
import { decidedType, edgeType, type ProblemType } from "../problem-types.ts";
import type { RejectionReason } from "../../shared/outcomes.ts";
import type { EdgeReason } from "../../shared/problem.ts";
import type { AnswerName, RequestName } from "./components.ts";
import type { HeaderName, ParameterName } from "./parameters.ts";

export type Tag = "Auctions" | "Bids" | "Live" | "Orders" | "Operations" | "Service";

export interface Answer {
  status: number;
  about: string;
  /** Of a JSON body. */
  schema?: AnswerName;
  /** Of a body that is not JSON. */
  mediaType?: string;
  headers?: readonly HeaderName[];
}

/** One route, as its callers need to know it. */
export interface Operation {
  id: string;
  method: "get" | "post";
  /** With `{parameters}`, which are listed by themselves. */
  path: string;
  tag: Tag;
  summary: string;
  about?: string;
  /** Who may call it, any one of them; absent: anyone. */
  roles?: readonly Role[];
  parameters?: readonly ParameterName[];
  body?: { schema: RequestName; mayBeEmpty?: boolean; examples: Record<string, unknown> };
  answers: readonly Answer[];
  problems: readonly ProblemType[];
}

export const edgeSays = (...reasons: EdgeReason[]): ProblemType[] => reasons.map(edgeType);
export const logSays = (...reasons: RejectionReason[]): ProblemType[] => reasons.map(decidedType);

/** What any read may be refused for. */
export const readProblems = edgeSays("rate_limited", "internal_error");

/** … one that the core is asked for … */
export const coreProblems = [...readProblems, ...edgeSays("invalid_request", "unavailable")];

/** … and any write, by the edge and by the log. */
export const writeProblems = [
  ...edgeSays("malformed_json", "unauthenticated", "forbidden", "body_too_large", "invalid_request"),
  ...edgeSays("rate_limited", "internal_error", "not_queued", "outcome_unknown"),
  ...logSays("idempotency_key_reused", "internal_error"),
];

/** The headers of every answer to a write. */
export const WRITE_HEADERS = ["RateLimit", "RateLimit-Policy"] as const;
