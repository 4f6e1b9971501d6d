import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { link, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK, SignJWT } from "jose";
import type { JWK } from "jose";

export const DEV_ISSUER = "lastcall-dev";
export const DEV_AUDIENCE = "lastcall";

/** A day: long enough to work with, short enough that a leaked one is soon worth nothing. */
const TOKEN_LIFETIME = "24h";

/** The key pair that signs a data folder's development tokens; made the first time. */
export async function devKey(data: string): Promise<JWK> {
  const file = path.join(data, "dev-key.json");
  if (!existsSync(file)) await createKey(file);
  return JSON.parse(await readFile(file, "utf8")) as JWK;
}

/** The public half, as the edge gets it in AUTH_JWKS. */
export async function devJwks(data: string): Promise<string> {
  const { d: _, ...publicKey } = await devKey(data);
  return JSON.stringify({ keys: [publicKey] });
}

export async function devToken(data: string, sub: string, roles: readonly string[]): Promise<string> {
  const key = await devKey(data);
  return new SignJWT({ roles })
    .setProtectedHeader({ alg: "ES256", ...(key.kid === undefined ? {} : { kid: key.kid }) })
    .setSubject(sub)
    .setIssuer(DEV_ISSUER)
    .setAudience(DEV_AUDIENCE)
    .setIssuedAt()
    .setExpirationTime(TOKEN_LIFETIME)
    .sign(await importJWK(key, "ES256"));
}

async function createKey(file: string): Promise<void> {
  const { privateKey } = await generateKeyPair("ES256", { extractable: true });
  const jwk = await exportJWK(privateKey);
  const complete: JWK = { ...jwk, kid: await calculateJwkThumbprint(jwk), alg: "ES256", use: "sig" };
  await mkdir(path.dirname(file), { recursive: true });
  // Linked into place: of two processes that make a key at once, one wins and both then use its key.
  const draft = `${file}.${randomUUID()}`;
  await writeFile(draft, JSON.stringify(complete), { mode: 0o600 });
  try {
    await link(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    await rm(draft);
  }
}
