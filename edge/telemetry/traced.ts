import type { MiddlewareHandler } from "hono";
import type { AppTypes } from "../app-types.ts";

/** One server span per sampled request; what the request causes carries it on as `traceparent`. */
export const traced: MiddlewareHandler<AppTypes> = async (c, next) => {
  const { tracer } = c.get("deps");
  const span = tracer.start(c.req.method, c.req.raw.headers.get("traceparent"));
  if (span === undefined) return next();
  c.set("trace", span.traceparent);
  await next();
  if (c.res.status !== 101) c.res.headers.set("traceparent", span.traceparent);
  const route = c.req.routePath;
  const ended = tracer.end(
    { ...span, name: `${c.req.method} ${route}` },
    { "http.request.method": c.req.method, "http.route": route, "http.response.status_code": c.res.status },
  );
  c.executionCtx.waitUntil(ended);
};
