import type { Topology } from "./env.ts";

/** FNV-1a, 32 bits: spreads bidders over lanes and gateways. Not for anything an attacker must not predict. */
export function spread(text: string, over: number): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    hash ^= text.charCodeAt(i);
    hash = Math.imul(hash, 0x01000193);
  }
  return (hash >>> 0) % over;
}

/** A bidder sticks to one of an auction's gateways, so that their commands keep their order. */
export function gatewayNameFor(topology: Topology, auctionId: string, client: string): string {
  return `gateway-${topology.region}-${auctionId}-${spread(client, topology.gatewaysPerAuction)}`;
}

export function linkNameFor(topology: Topology, auctionId: string): string {
  return `link-${topology.region}-${spread(auctionId, topology.linksPerRegion)}`;
}

/** The auction of a gateway's name; ids never end in what follows them, a dash and digits, because k is the last part. */
export function auctionIdOfGateway(topology: Topology, gatewayName: string): string {
  const prefix = `gateway-${topology.region}-`;
  if (!gatewayName.startsWith(prefix)) throw new Error("not a gateway of this region");
  return gatewayName.slice(prefix.length, gatewayName.lastIndexOf("-"));
}
