import type { AppContext } from "../app-types.ts";
import { counters } from "../telemetry/counters.ts";
import { json } from "./replies.ts";

/** `GET /v1/health`: the edge answers; what this isolate has counted. */
export function getHealth(_c: AppContext): Response {
  return json({ status: "ok", counters: counters() });
}
