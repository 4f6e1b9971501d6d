/**
 * The rules are compiled without any platform: no console, no process, no fetch, no timers. All that they and the
 * contracts in shared/ take from one is a hash.
 */
declare module "node:crypto" {
  export function hash(algorithm: "sha256", data: string, outputEncoding?: "hex" | "base64url"): string;
}
