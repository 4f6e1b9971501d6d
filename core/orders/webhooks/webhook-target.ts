import { lookup } from "node:dns/promises";
import { isIP } from "node:net";
import { setTimeout } from "node:timers/promises";
import { CoreError } from "../../core-error.ts";
import type { AddressPolicy } from "./public-address.ts";

/** Where a request goes: `address` has been checked, and no name is looked up after that. */
export interface WebhookTarget {
  readonly url: URL;
  readonly address: string;
}

export interface TargetDeps {
  /** Every address of a host name. */
  readonly resolve: (hostname: string) => Promise<readonly string[]>;
  readonly policy: AddressPolicy;
}

/** What common servers take as a URL; also what an operator still reads. */
const MAX_URL_LENGTH = 2_048;

/** Below it live services that are not HTTP and that a POST might still talk to. */
const FIRST_UNPRIVILEGED_PORT = 1_024;

/** A resolver that is there answers within a second or two; the system's own patience is longer than ours. */
const LOOKUP_TIMEOUT_MS = 5_000;

/** IPv4 first: not every network that resolves IPv6 names also routes there. */
export const systemResolve: TargetDeps["resolve"] = async (hostname) => {
  const slow = setTimeout(LOOKUP_TIMEOUT_MS, undefined, { ref: false }).then(() => {
    throw new CoreError("the name service does not answer", { retryable: true });
  });
  const found = await Promise.race([lookup(hostname, { all: true, order: "ipv4first" }), slow]);
  return found.map(({ address }) => address);
};

/** Reads an endpoint's URL, whatever its host resolves to. Throws a CoreError that says what is wrong with it. */
export function readWebhookUrl(text: string): URL {
  if (text.length > MAX_URL_LENGTH) throw refused(`is longer than ${MAX_URL_LENGTH} characters`);
  const url = URL.parse(text);
  if (url === null) throw refused("is not a URL");
  if (url.protocol !== "https:" && url.protocol !== "http:") throw refused("is not https");
  if (url.username !== "" || url.password !== "") throw refused("has a user or a password in it");
  if (url.hash !== "" || text.includes("#")) throw refused("has a fragment, which is never sent");
  const port = portOf(url);
  if (port < FIRST_UNPRIVILEGED_PORT && port !== 443 && port !== 80)
    throw refused(`names port ${port}; 443, 80 and those from ${FIRST_UNPRIVILEGED_PORT} are webhooks'`);
  return url;
}

export const portOf = ({ port, protocol }: URL): number =>
  port === "" ? (protocol === "https:" ? 443 : 80) : Number(port);

/**
 * Looks the host up, once, and refuses it if any of its addresses is not permitted: a name that is half ours is an attempt.
 * `attempt` chooses among several addresses, so that a dead one costs one attempt and not all. Throws a CoreError; its message
 * is for operators.
 */
export async function resolveTarget(deps: TargetDeps, text: string, attempt = 0): Promise<WebhookTarget> {
  const url = readWebhookUrl(text);
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  const addresses = isIP(host) === 0 ? await lookUp(deps, host) : [host];
  const { policy } = deps;
  const forbidden = addresses.find((address) => !policy.permits(address));
  if (forbidden !== undefined) throw refused(`leads to ${forbidden}, which is not a public address`);
  if (url.protocol === "http:" && !addresses.every((address) => policy.allows(address)))
    throw refused("is not https");
  const address = addresses[attempt % addresses.length];
  if (address === undefined) throw unresolved(host);
  return { url, address };
}

async function lookUp({ resolve }: TargetDeps, host: string): Promise<readonly string[]> {
  try {
    return await resolve(host);
  } catch (cause) {
    throw unresolved(host, cause);
  }
}

const refused = (why: string): CoreError => new CoreError(`the endpoint's URL ${why}`, { retryable: false });

const unresolved = (host: string, cause?: unknown): CoreError =>
  new CoreError(`the name ${host} has no address now`, { retryable: true, cause });
