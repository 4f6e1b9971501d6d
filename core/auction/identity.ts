import { hash } from "node:crypto";
import type { Command } from "../../shared/commands.ts";
import { auctionIdFor, bidIdFor, manageIdFor } from "../../shared/ids.ts";

/** What a keyed command is known by for the life of its auction. */
export interface CommandIdentity {
  readonly id: string;
  /** The first 48 bits of the id: enough to find it again, small enough to keep a million of them in memory. */
  readonly fingerprint: number;
}

/** The identity of a command with an idempotency key; undefined for ticks. */
export function identify(auctionId: string, command: Command): CommandIdentity | undefined {
  switch (command.type) {
    case "bid":
      return identityOf(bidIdFor(auctionId, command.bidderId, command.key));
    case "create":
      return identityOf(auctionIdFor(command.sellerId, command.key));
    case "manage":
      return identityOf(manageIdFor(auctionId, command.actorId, command.key));
    case "tick":
      return undefined;
  }
}

export const identityOf = (id: string): CommandIdentity => ({ id, fingerprint: fingerprintOf(id) });

/** 48 bits of an id of ours: its first eight base64url characters. */
export function fingerprintOf(id: string): number {
  let bits = 0;
  for (let i = 0; i < 8; i++) bits = bits * 64 + base64Value(id.charCodeAt(i));
  return bits;
}

function base64Value(code: number): number {
  if (code >= 97) return code - 71;
  if (code >= 65 && code !== 95) return code - 65;
  if (code === 95) return 63;
  if (code === 45) return 62;
  return code + 4;
}

/** The next link of an auction's audit chain: SHA-256 over the previous link and the envelope's record, as hex. */
export function chainAfter(
  previous: string,
  position: { seq: number; atMs: number },
  record: string,
): string {
  return hash("sha256", `${previous}\n${position.seq}\n${position.atMs}\n${record}`, "hex");
}
