import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { beforeAll, expect, test } from "vitest";
import {
  authenticate,
  createTokenVerifier,
  keysFrom,
  type TokenVerifier,
} from "../../../edge/admission/token.ts";
import { ProblemError } from "../../../edge/problem.ts";

const NOW = 1_800_000_000;
let keys: Awaited<ReturnType<typeof generateKeyPair>>;
let jwks: string;
let now: number;

beforeAll(async () => {
  keys = await generateKeyPair("ES256");
  jwks = JSON.stringify({ keys: [{ ...(await exportJWK(keys.publicKey)), kid: "k", alg: "ES256" }] });
});

function verifier(): TokenVerifier {
  now = NOW * 1_000;
  return createTokenVerifier({
    keys: keysFrom({ AUTH_JWKS: jwks }),
    issuer: "issuer",
    audience: "lastcall",
    now: () => now,
  });
}

const token = (claims: Record<string, unknown> = {}, key = keys.privateKey): Promise<string> =>
  new SignJWT({ sub: "bob", roles: ["bidder"], iss: "issuer", aud: "lastcall", exp: NOW + 60, ...claims })
    .setProtectedHeader({ alg: "ES256", kid: "k" })
    .sign(key);

const refusal = async (attempt: () => unknown): Promise<string> => {
  try {
    await attempt();
  } catch (error) {
    if (error instanceof ProblemError) return `${error.reason}: ${String(error.extra.detail)}`;
    throw error;
  }
  return "accepted";
};

test("a good token says who it is, and is verified once", async () => {
  const checked = verifier();
  const given = await token();
  expect(await checked.verify(given)).toMatchObject({ userId: "bob", expiresAtMs: (NOW + 60) * 1_000 });
  expect(checked.verify(given)).not.toBeInstanceOf(Promise);
});

test("a remembered token ends when it expires", async () => {
  const checked = verifier();
  const given = await token();
  await checked.verify(given);
  now += 61_000;
  expect(await refusal(() => checked.verify(given))).toContain("expired");
});

test.each([
  ["another audience", { aud: "other" }],
  ["another issuer", { iss: "other" }],
  ["no expiry", { exp: undefined }],
  ["an expiry in the past", { exp: NOW - 1 }],
  ["no subject", { sub: undefined }],
  ["a subject that is no id", { sub: "bob.>" }],
])("%s is refused", async (_, claims) => {
  const given = await token(claims);
  expect(await refusal(() => verifier().verify(given))).toContain("unauthenticated");
});

test("another key's signature, none at all and a shared secret are refused", async () => {
  const other = await generateKeyPair("ES256");
  const forged = await token({}, other.privateKey);
  const unsigned = `${btoa('{"alg":"none"}')}.${btoa('{"sub":"bob"}')}.`;
  const secret = await new SignJWT({ sub: "bob" })
    .setProtectedHeader({ alg: "HS256" })
    .sign(new TextEncoder().encode(jwks));
  for (const bad of [forged, unsigned, secret, "nonsense", ""]) {
    expect(await refusal(() => verifier().verify(bad))).toContain("unauthenticated");
  }
});

test("a request without a bearer token is told so", async () => {
  expect(await refusal(() => authenticate(verifier(), null))).toContain("missing");
  expect(await refusal(() => authenticate(verifier(), "Basic abc"))).toContain("not a bearer");
});
