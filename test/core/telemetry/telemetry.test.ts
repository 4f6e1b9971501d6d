import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, expect, test } from "vitest";
import { createLog } from "../../../core/log.ts";
import { startTelemetry, type Telemetry } from "../../../core/telemetry.ts";

const PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
const log = createLog({}, () => {});

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((close) => close()));
});

async function telemetry(options: { ready?: boolean; otlpEndpoint?: string } = {}): Promise<Telemetry> {
  const started = await startTelemetry({
    instance: "core-1",
    metricsPort: 0,
    otlpEndpoint: options.otlpEndpoint,
    log,
    health: () => ({ ready: options.ready ?? true, detail: { ownedSlots: 3 } }),
  });
  closing.push(() => started.close());
  return started;
}

interface ReceivedSpan {
  readonly name: string;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly startTimeUnixNano: string;
  readonly endTimeUnixNano: string;
}

/** A collector that keeps what it is sent. */
async function collector(): Promise<{ url: string; spans: ReceivedSpan[] }> {
  const spans: ReceivedSpan[] = [];
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk) => (body += String(chunk)));
    request.on("end", () => {
      const { resourceSpans } = JSON.parse(body) as {
        resourceSpans: { scopeSpans: { spans: ReceivedSpan[] }[] }[];
      };
      spans.push(...resourceSpans.flatMap(({ scopeSpans }) => scopeSpans.flatMap((scope) => scope.spans)));
      response.end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  closing.push(() => new Promise((resolve) => server.close(resolve)));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, spans };
}

const get = async (url: string): Promise<{ status: number; body: string }> => {
  const response = await fetch(url);
  return { status: response.status, body: await response.text() };
};

test("metrics are Prometheus text with the unit in their names", async () => {
  const { url, metrics } = await telemetry();
  metrics.decidedCommands.add(3, { kind: "bid", outcome: "accepted" });
  metrics.logToCommit.record(0.004);
  metrics.pendingEnvelopes.add(5);
  metrics.pendingEnvelopes.add(-2);
  metrics.ownedSlots.record(32);
  const { status, body } = await get(`${url}/metrics`);
  expect(status).toBe(200);
  const lines = body.split("\n");
  expect(lines).toContain('lastcall_decided_commands_total{kind="bid",outcome="accepted"} 3');
  expect(lines).toContain('lastcall_log_to_commit_seconds_bucket{le="0.003"} 0');
  expect(lines).toContain('lastcall_log_to_commit_seconds_bucket{le="0.005"} 1');
  expect(lines).toContain("lastcall_pending_envelopes 3");
  expect(lines).toContain("lastcall_owned_slots 32");
  expect(body).toMatch(/^process_resident_memory_bytes \d{7,}$/m);
  expect(body).toMatch(/^target_info\{.*service_instance_id="core-1"/m);
});

test("counters of failures are there before the first failure", async () => {
  const { url } = await telemetry();
  const { body } = await get(`${url}/metrics`);
  for (const name of ["fenced_commits", "dead_letters"])
    expect(body).toContain(`\nlastcall_${name}_total 0\n`);
  expect(body).toContain('lastcall_read_model_errors_total{reason="overflow"} 0');
});

test("a core that is not ready says so and is alive all the same", async () => {
  const { url } = await telemetry({ ready: false });
  const ready = await get(`${url}/readyz`);
  expect(ready.status).toBe(503);
  expect(JSON.parse(ready.body)).toEqual({ ready: false, ownedSlots: 3 });
  expect((await get(`${url}/healthz`)).status).toBe(200);
  expect((await get(`${url}/nothing`)).status).toBe(404);
});

test("a core that is ready says so", async () => {
  const { url } = await telemetry();
  expect(await get(`${url}/readyz`)).toEqual({ status: 200, body: '{"ready":true,"ownedSlots":3}\n' });
});

test("a port that is taken is an error, not a core without metrics", async () => {
  const { url } = await telemetry();
  const metricsPort = Number(new URL(url).port);
  const health = () => ({ ready: true, detail: {} });
  const second = startTelemetry({ instance: "core-2", metricsPort, otlpEndpoint: undefined, log, health });
  await expect(second).rejects.toMatchObject({ code: "EADDRINUSE" });
});

test("spans reach the collector as a chain below the remote parent", async () => {
  const { url, spans } = await collector();
  const { recordSpan, close } = await telemetry({ otlpEndpoint: url });
  const commit = recordSpan("commit", {
    traceparent: PARENT,
    startMs: 1_000,
    endMs: 1_005,
    attributes: { shard: 1 },
  });
  const result = recordSpan("publish result", { traceparent: commit, startMs: 1_005, endMs: 1_006 });
  expect(commit).toMatch(/^00-0af7651916cd43dd8448eb211c80319c-[0-9a-f]{16}-01$/);
  await close();
  expect(spans).toMatchObject([
    {
      name: "commit",
      parentSpanId: "b7ad6b7169203331",
      startTimeUnixNano: "1000000000",
      endTimeUnixNano: "1005000000",
    },
    { name: "publish result", parentSpanId: commit.split("-")[2], spanId: result.split("-")[2] },
  ]);
  expect(spans.every(({ traceId }) => traceId === PARENT.split("-")[1])).toBe(true);
});

test.each(["", "junk", "00-00000000000000000000000000000000-b7ad6b7169203331-01", `01${PARENT.slice(2)}`])(
  "a parent that is none (%s) records nothing and is handed on as it is",
  async (traceparent) => {
    const { url, spans } = await collector();
    const { recordSpan, close } = await telemetry({ otlpEndpoint: url });
    expect(recordSpan("commit", { traceparent, startMs: 1, endMs: 2 })).toBe(traceparent);
    await close();
    expect(spans).toEqual([]);
  },
);

test("without a collector the parent is handed on", async () => {
  const { recordSpan } = await telemetry();
  expect(recordSpan("commit", { traceparent: PARENT, startMs: 1, endMs: 2 })).toBe(PARENT);
});

test("a collector that does not answer holds up the end for two seconds at most", async () => {
  const server = createServer(() => {});
  await new Promise<void>((resolve) => server.listen(0, resolve));
  const { recordSpan, close } = await telemetry({
    otlpEndpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
  });
  recordSpan("commit", { traceparent: PARENT, startMs: 1, endMs: 2 });
  const startMs = performance.now();
  await close();
  expect(performance.now() - startMs).toBeLessThan(3_000);
  server.closeAllConnections();
  server.close();
});
