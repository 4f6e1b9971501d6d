import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import path from "node:path";

/** A random password that is made once for a data folder and kept there. */
export function keptSecret(data: string, name: string): string {
  const file = path.join(data, name);
  if (existsSync(file)) return readFileSync(file, "utf8").trim();
  const secret = randomBytes(18).toString("base64url");
  // To the disk at once: the database that it opens is there after a power cut, and would stay shut.
  writeFileSync(file, secret, { mode: 0o600, flush: true });
  return secret;
}
