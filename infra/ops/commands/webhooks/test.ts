import { randomUUID } from "node:crypto";
import { createWebhookPoster } from "../../../../core/orders/webhooks/post-webhook.ts";
import { signatureHeaders } from "../../../../core/orders/webhooks/webhook-signature.ts";
import { resolveTarget } from "../../../../core/orders/webhooks/webhook-target.ts";
import { WIRE_VERSION } from "../../../../shared/wire-version.ts";
import type { OpsCommand } from "../../ops-command.ts";
import { findEndpoint } from "../../webhooks/registered-endpoints.ts";
import { targetDeps } from "../../webhooks/target-deps.ts";
import { withShards } from "../../with-shards.ts";

/** As long as a core waits by default. */
const TIMEOUT_MS = 15_000;

export const test: OpsCommand = {
  summary: "send an endpoint one signed message of type webhook.test, from here",
  help: `npm run ops -- webhooks test <id>

Sends one message, {"type": "webhook.test"}, signed with the endpoint's secret as order events are, once, from this machine
and not from a core, and says what the endpoint answered.`,
  async run(args) {
    const { endpoint } = await withShards((shards) => findEndpoint(shards, args));
    const { endpointId, url, secret } = endpoint;
    const target = await resolveTarget(targetDeps(), url);
    const [id, atMs] = [`test-${randomUUID()}`, Date.now()];
    const body = JSON.stringify({ v: WIRE_VERSION, id, type: "webhook.test", at: atMs });
    const headers = signatureHeaders(secret, { id, atMs, body });
    const { signal } = new AbortController();
    const poster = createWebhookPoster();
    const options = { timeoutMs: TIMEOUT_MS, signal };
    const { status } = await poster.post(target, { headers, body }, options).finally(poster.close);
    const answer = `${endpointId} answered HTTP ${status} after ${Date.now() - atMs} ms`;
    if (status < 200 || status > 299) throw new Error(`${answer}; an event would be sent again`);
    console.log(answer);
  },
};
