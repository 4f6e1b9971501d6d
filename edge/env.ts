import type { AuctionGateway } from "./gateway/auction-gateway.ts";
import type { BrokerLink } from "./link/broker-link.ts";
import { DEFAULT_SLOTS } from "../shared/slots.ts";
import { DEFAULT_STREAMS } from "../shared/subjects.ts";

/** The Worker's bindings, as wrangler.toml and the secrets give them: all strings but the two classes. */
export interface Env {
  GATEWAY: DurableObjectNamespace<AuctionGateway>;
  LINK: DurableObjectNamespace<BrokerLink>;
  NATS_URL: string;
  NATS_NKEY_SEED?: string;
  UPSTASH_REDIS_REST_URL?: string;
  UPSTASH_REDIS_REST_TOKEN?: string;
  AUTH_JWKS?: string;
  AUTH_JWKS_URL?: string;
  AUTH_ISSUER: string;
  AUTH_AUDIENCE?: string;
  LASTCALL_SLOTS?: string;
  LASTCALL_STREAMS?: string;
  REGION?: string;
  GATEWAYS_PER_AUCTION?: string;
  LINKS_PER_REGION?: string;
  RATE_LIMITS?: string;
  OTEL_EXPORTER_OTLP_ENDPOINT?: string;
  TRACE_SAMPLE_RATIO?: string;
}

/** Where things are: which slot and stream carry an auction, and which objects face it. */
export interface Topology {
  slots: number;
  streams: number;
  region: string;
  gatewaysPerAuction: number;
  linksPerRegion: number;
}

export function topologyOf(env: Env): Topology {
  return {
    slots: positive("LASTCALL_SLOTS", env.LASTCALL_SLOTS, DEFAULT_SLOTS),
    streams: positive("LASTCALL_STREAMS", env.LASTCALL_STREAMS, DEFAULT_STREAMS),
    region: env.REGION ?? "local",
    gatewaysPerAuction: positive("GATEWAYS_PER_AUCTION", env.GATEWAYS_PER_AUCTION, 1),
    linksPerRegion: positive("LINKS_PER_REGION", env.LINKS_PER_REGION, 2),
  };
}

function positive(name: string, text: string | undefined, fallback: number): number {
  if (text === undefined || text === "") return fallback;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1) throw new Error(`${name} must be a positive integer`);
  return value;
}
