/**
 * The rules are compiled without any platform: no console, no process, no fetch, no timers. All that the contracts in
 * shared/ take from one is a hash.
 */
declare module "node:crypto" {
  interface Digest {
    readUInt32BE(offset: number): number;
  }

  interface Hash {
    update(text: string, encoding?: "utf8"): Hash;
    digest(): Digest;
    digest(encoding: "hex" | "base64url"): string;
  }

  export function createHash(algorithm: "sha256"): Hash;
}
