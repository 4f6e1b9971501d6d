import type { AppContext } from "../app-types.ts";

/** Any page may call: tokens travel in a header that a page must have been given, never in a cookie. */
const ALLOW_ORIGIN = { "access-control-allow-origin": "*" };
const EXPOSED = "etag, location, ratelimit, ratelimit-policy, retry-after, traceparent";
const PREFLIGHT = {
  ...ALLOW_ORIGIN,
  "access-control-allow-methods": "GET, POST, OPTIONS",
  "access-control-allow-headers":
    "authorization, content-type, idempotency-key, if-none-match, last-event-id, prefer, traceparent, tracestate",
  "access-control-max-age": "86400",
};

export function preflight(): Response {
  return new Response(null, { status: 204, headers: PREFLIGHT });
}

/** A request that names no origin is not a browser's; its response is left as it is, and an upgrade's must be. */
export function allowOrigin(c: AppContext): void {
  if (c.req.raw.headers.get("origin") === null || c.res.status === 101) return;
  c.res.headers.set("access-control-allow-origin", ALLOW_ORIGIN["access-control-allow-origin"]);
  c.res.headers.set("access-control-expose-headers", EXPOSED);
}
