import { readFile } from "node:fs/promises";
import path from "node:path";
import { expect, test } from "vitest";
import { newWebhookSecret, signatureHeaders } from "../../../../core/orders/webhooks/webhook-signature.ts";
import { isGenuine } from "./is-genuine.ts";

const ID = "a-lot-1.pending";
const AT_MS = 1_795_253_768_715;
const BODY = '{"id":"a-lot-1.pending","title":"Ünicode"}';

test("the example of the convention's own libraries has the signature that they expect", () => {
  const headers = signatureHeaders("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", {
    id: "msg_p5jXN8AQM9LWM0D4loKWxJek",
    atMs: 1_614_265_330_000,
    body: '{"test": 2432232314}',
  });
  expect(headers).toEqual({
    "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
    "webhook-timestamp": "1614265330",
    "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
  });
});

test("a message verifies; a changed body, id or time, and another's secret do not", () => {
  const secret = newWebhookSecret();
  const headers = signatureHeaders(secret, { id: ID, atMs: AT_MS, body: BODY });
  expect(isGenuine(secret, headers, BODY, AT_MS)).toBe(true);
  expect(isGenuine(secret, headers, BODY.replace("lot-1", "lot-2"), AT_MS)).toBe(false);
  expect(isGenuine(secret, { ...headers, "webhook-id": "a-lot-2.pending" }, BODY, AT_MS)).toBe(false);
  const later = String(Number(headers["webhook-timestamp"]) + 1);
  expect(isGenuine(secret, { ...headers, "webhook-timestamp": later }, BODY, AT_MS)).toBe(false);
  expect(isGenuine(newWebhookSecret(), headers, BODY, AT_MS)).toBe(false);
});

test("a message that is sent again later is refused by its age", () => {
  const secret = newWebhookSecret();
  const headers = signatureHeaders(secret, { id: ID, atMs: AT_MS, body: BODY });
  expect(isGenuine(secret, headers, BODY, AT_MS + 299_000)).toBe(true);
  expect(isGenuine(secret, headers, BODY, AT_MS + 302_000)).toBe(false);
});

test("a secret has the convention's form and 256 bits of chance", () => {
  const secrets = new Set(Array.from({ length: 100 }, newWebhookSecret));
  expect(secrets.size).toBe(100);
  for (const secret of secrets) {
    expect(secret).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
    expect(Buffer.from(secret.slice(6), "base64")).toHaveLength(32);
  }
});

test("what the README tells receivers to do is what the tests' receivers do", async () => {
  const readme = await readFile(path.join(import.meta.dirname, "../../../../core/orders/README.md"), "utf8");
  const snippet = /```js\n([\s\S]*?)```/.exec(readme)?.[1] ?? "";
  const source = `${snippet}\nexport { isGenuine };`;
  const module = (await import(/* @vite-ignore */ `data:text/javascript,${encodeURIComponent(source)}`)) as {
    isGenuine: typeof isGenuine;
  };
  const secret = newWebhookSecret();
  const headers = signatureHeaders(secret, { id: ID, atMs: AT_MS, body: BODY });
  expect(module.isGenuine(secret, headers, BODY, AT_MS)).toBe(true);
  expect(module.isGenuine(secret, headers, `${BODY} `, AT_MS)).toBe(false);
  expect(module.isGenuine(secret, headers, BODY, AT_MS + 302_000)).toBe(false);
});
