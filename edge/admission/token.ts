import {
  createLocalJWKSet,
  createRemoteJWKSet,
  jwtVerify,
  type JSONWebKeySet,
  type JWTVerifyGetKey,
} from "jose";
import { ID_PATTERN } from "../../shared/ids.ts";
import { ProblemError } from "../problem.ts";
import { forgetOldest } from "../forget-oldest.ts";

export type Role = "bidder" | "seller" | "operator";

export interface Identity {
  userId: string;
  roles: ReadonlySet<string>;
  expiresAtMs: number;
}

export interface TokenVerifier {
  /** Throws a `ProblemError` (401) that says what is wrong with the token. */
  verify(token: string): Identity | Promise<Identity>;
}

export interface TokenOptions {
  keys: JWTVerifyGetKey;
  issuer: string;
  audience: string;
  now(): number;
}

/** Only these: no `none`, no shared secrets, no RSA. */
const ALGORITHMS = ["ES256", "EdDSA"];
/** Verified tokens that one isolate remembers, a few hundred bytes each. */
const MAX_REMEMBERED = 20_000;
/** Longer tokens are not ours, and must not fill the cache. */
const MAX_TOKEN_LENGTH = 2_048;

/** Verifies a token's signature once, and remembers it until it expires. */
export function createTokenVerifier(options: TokenOptions): TokenVerifier {
  const remembered = new Map<string, Identity>();

  const verifyAnew = async (token: string): Promise<Identity> => {
    if (token.length > MAX_TOKEN_LENGTH) throw unauthenticated("the token is too long");
    const identity = await verifySignature(token, options);
    forgetOldest(remembered, MAX_REMEMBERED);
    remembered.set(token, identity);
    return identity;
  };

  return {
    verify(token) {
      const known = remembered.get(token);
      if (known === undefined) return verifyAnew(token);
      if (known.expiresAtMs > options.now()) return known;
      remembered.delete(token);
      throw unauthenticated("the token has expired");
    },
  };
}

async function verifySignature(token: string, options: TokenOptions): Promise<Identity> {
  let claims: Awaited<ReturnType<typeof jwtVerify>>["payload"];
  try {
    const verified = await jwtVerify(token, options.keys, {
      algorithms: ALGORITHMS,
      issuer: options.issuer,
      audience: options.audience,
      requiredClaims: ["sub", "exp"],
      currentDate: new Date(options.now()),
    });
    claims = verified.payload;
  } catch (error) {
    throw unauthenticated(error instanceof Error ? error.message : "the token is not valid");
  }
  const { sub, exp, roles } = claims;
  if (typeof sub !== "string" || !ID_PATTERN.test(sub))
    throw unauthenticated("the token's sub must match ^[A-Za-z0-9_-]{1,64}$");
  const given = Array.isArray(roles) ? roles.filter((role): role is string => typeof role === "string") : [];
  return { userId: sub, roles: new Set(given), expiresAtMs: (exp ?? 0) * 1_000 };
}

/** The keys from the environment itself, or from where it says they are; jose caches the latter and refetches on a new key id. */
export function keysFrom(env: { AUTH_JWKS?: string; AUTH_JWKS_URL?: string }): JWTVerifyGetKey {
  if (env.AUTH_JWKS) return createLocalJWKSet(JSON.parse(env.AUTH_JWKS) as JSONWebKeySet);
  if (env.AUTH_JWKS_URL) return createRemoteJWKSet(new URL(env.AUTH_JWKS_URL));
  throw new Error("AUTH_JWKS or AUTH_JWKS_URL is required");
}

/** The identity behind `Authorization: Bearer …`. */
export function authenticate(
  verifier: TokenVerifier,
  authorization: string | null,
): Identity | Promise<Identity> {
  if (authorization === null) throw unauthenticated("the Authorization header is missing");
  if (authorization.slice(0, 7).toLowerCase() !== "bearer ")
    throw unauthenticated("the Authorization header is not a bearer token");
  return verifier.verify(authorization.slice(7).trim());
}

/** The first of these roles that the identity has; they stand with the mightiest first. */
export function requireRole(identity: Identity, roles: readonly Role[]): Role {
  const role = roles.find((each) => identity.roles.has(each));
  if (role === undefined)
    throw new ProblemError("forbidden", { detail: `the role ${roles.join(" or ")} is required` });
  return role;
}

function unauthenticated(detail: string): ProblemError {
  return new ProblemError("unauthenticated", { detail }, { "www-authenticate": 'Bearer realm="lastcall"' });
}
