import type { AppContext } from "../app-types.ts";
import type { Span } from "./tracer.ts";

/** Ends a request's span after its response; what the request caused carries it on as `traceparent`. */
export function endSpan(c: AppContext, span: Span): void {
  if (c.res.status !== 101) c.res.headers.set("traceparent", span.traceparent);
  const route = c.req.routePath;
  const ended = c
    .get("deps")
    .tracer.end(
      { ...span, name: `${c.req.method} ${route}` },
      { "http.request.method": c.req.method, "http.route": route, "http.response.status_code": c.res.status },
    );
  c.executionCtx.waitUntil(ended);
}
