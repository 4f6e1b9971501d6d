import { createServer } from "node:http";
import { afterAll, expect, test } from "vitest";
import { createAuction, edgeOf, post, tokenFor } from "../support/client.ts";
import { useStack } from "../support/stack.ts";

interface Span {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
}

/** A collector that keeps what it gets: OTLP over HTTP, as JSON. */
const spans: Span[] = [];
const collector = createServer((incoming, answer) => {
  let text = "";
  incoming.on("data", (chunk) => (text += String(chunk)));
  incoming.on("end", () => {
    const { resourceSpans = [] } = JSON.parse(text) as {
      resourceSpans?: { scopeSpans: { spans: Span[] }[] }[];
    };
    spans.push(...resourceSpans.flatMap((resource) => resource.scopeSpans.flatMap((scope) => scope.spans)));
    answer.setHeader("content-type", "application/json").end("{}");
  });
});
await new Promise<void>((resolve) => collector.listen(0, "127.0.0.1", resolve));
const address = collector.address();
const endpoint = `http://127.0.0.1:${typeof address === "object" ? address?.port : ""}`;
afterAll(() => collector.close());

const env = { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint };
const stack = useStack({ coreEnv: env, edgeEnv: env });

test("one trace leads from the request through the envelope to the commit and the result", async () => {
  const edge = edgeOf(stack());
  const auction = await createAuction(edge);
  const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";
  const bid = await post(edge, `/v1/auctions/${auction.id}/bids`, {
    token: await tokenFor(edge, "alice", "bidder"),
    body: { amount: 1_000 },
    headers: { traceparent: `00-${traceId}-00f067aa0ba902b7-01` },
  });
  expect(bid.status).toBe(201);
  const mine = (): Span[] => spans.filter((span) => span.traceId === traceId);
  for (let tries = 0; tries < 150 && mine().length < 3; tries++)
    await new Promise((resolve) => setTimeout(resolve, 100));
  const names = mine().map((span) => span.name);
  expect(names).toContain("sequence and commit");
  expect(names).toContain("publish result");
  const request = mine().find((span) => span.parentSpanId === "00f067aa0ba902b7");
  expect(request, "the edge's own span, child of the client's").toBeDefined();
  const ids = new Set([...mine().map((span) => span.spanId), "00f067aa0ba902b7"]);
  for (const span of mine())
    expect(ids.has(span.parentSpanId ?? ""), `${span.name} hangs in the air`).toBe(true);
});
