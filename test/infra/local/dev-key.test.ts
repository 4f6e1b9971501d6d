import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";
import { createLocalJWKSet, jwtVerify } from "jose";
import type { JSONWebKeySet } from "jose";
import { afterEach, beforeEach, expect, test } from "vitest";
import { devJwks, devKey, devToken } from "../../../infra/local/dev-key.ts";

let data: string;

beforeEach(async () => {
  data = await mkdtemp(path.join(tmpdir(), "lastcall-key-"));
});

afterEach(() => rm(data, { recursive: true, force: true }));

test("a development token is verified by the key set that the edge gets", async () => {
  const token = await devToken(data, "alice", ["bidder"]);
  const keys = createLocalJWKSet(JSON.parse(await devJwks(data)) as JSONWebKeySet);
  const { payload, protectedHeader } = await jwtVerify(token, keys, {
    issuer: "lastcall-dev",
    audience: "lastcall",
  });
  expect(payload).toMatchObject({ sub: "alice", roles: ["bidder"] });
  expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBe(86_400);
  expect(protectedHeader.alg).toBe("ES256");
});

test("the edge never gets the private half", async () => {
  expect(await devJwks(data)).not.toContain('"d"');
});

test("processes that need a key at the same moment get the same one", async () => {
  const keys = await Promise.all([devKey(data), devKey(data), devKey(data)]);
  expect(new Set(keys.map((key) => key.kid)).size).toBe(1);
});
