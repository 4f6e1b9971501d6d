import { BlockList, isIP, isIPv4 } from "node:net";

/** Where webhooks may be sent: to addresses of the public internet, and to what the operator allows beside it. */
export interface AddressPolicy {
  permits(address: string): boolean;
  /** Whether the operator has named it: such a receiver may be a plain-HTTP one. */
  allows(address: string): boolean;
}

/**
 * IPv4 that is not globally reachable unicast, by IANA's special-purpose registry; in it lie the addresses at which clouds
 * serve their machines' metadata, except Azure's, which looks public.
 */
const SPECIAL_IPV4 = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "168.63.129.16/32",
  "169.254.0.0/16",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.0.2.0/24",
  "192.88.99.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "198.51.100.0/24",
  "203.0.113.0/24",
  "224.0.0.0/4",
  "240.0.0.0/4",
];

/** All of IPv6 that is unicast and public so far. IPv4 in IPv6's clothes, unique-local, link-local and multicast lie outside. */
const GLOBAL_IPV6 = ["2000::/3"];

/** Inside it: protocols' own (Teredo among them), 6to4, documentation. */
const SPECIAL_IPV6 = ["2001::/23", "2001:db8::/32", "2002::/16", "3fff::/20"];

const NAMED_RANGES: Readonly<Record<string, readonly string[]>> = {
  loopback: ["127.0.0.0/8", "::1/128"],
  private: ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7"],
};

const specialIpv4 = ranges(SPECIAL_IPV4);
const globalIpv6 = ranges(GLOBAL_IPV6);
const specialIpv6 = ranges(SPECIAL_IPV6);

/** `allowed`: comma-separated ranges (`10.1.0.0/16`), `loopback` or `private`; none by default. Throws when it names none. */
export function addressPolicy(allowed: string): AddressPolicy {
  const words = allowed.split(",").map((word) => word.trim());
  const extra = ranges(words.filter((word) => word !== "").flatMap((word) => NAMED_RANGES[word] ?? [word]));
  const allows = (address: string): boolean => isIP(address) !== 0 && contains(extra, address);
  return { allows, permits: (address) => isPublic(address) || allows(address) };
}

function isPublic(address: string): boolean {
  if (isIP(address) === 0) return false;
  if (isIPv4(address)) return !contains(specialIpv4, address);
  return contains(globalIpv6, address) && !contains(specialIpv6, address);
}

const contains = (list: BlockList, address: string): boolean =>
  list.check(address, isIPv4(address) ? "ipv4" : "ipv6");

function ranges(all: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of all) {
    const [, network = "", bits = ""] = /^([0-9a-fA-F.:]+)\/(\d{1,3})$/.exec(range) ?? [];
    const family = isIP(network);
    if (family === 0 || Number(bits) > (family === 4 ? 32 : 128))
      throw new Error(`"${range}" is neither a range of addresses (10.0.0.0/8) nor loopback nor private`);
    list.addSubnet(network, Number(bits), family === 4 ? "ipv4" : "ipv6");
  }
  return list;
}
