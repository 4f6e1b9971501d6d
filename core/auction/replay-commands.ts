import { type Command, type ManageCommand, RULES_VERSION } from "../../shared/commands.ts";
import { unreachable } from "../../shared/unreachable.ts";
import type { FirstDecision, KeyBook, ReadCommand } from "./decide-envelope.ts";
import type { EventOf } from "./events.ts";
import { type CommandIdentity, identify } from "./identity.ts";
import type { DecisionEntry } from "./record.ts";

/** The keys that a replay has seen, all of them: what the sequencer finds in its index and in Postgres. */
export interface ReplayKeys extends KeyBook {
  /** A key was taken by a decision that is not at hand. */
  assume(identity: CommandIdentity, first: FirstDecision): void;
}

/** Of each key only what a retry needs: a whole auction's are kept. */
export function createReplayKeys(): ReplayKeys {
  const taken = new Map<string, FirstDecision>();
  return {
    first: ({ id }) => taken.get(id),
    assume: ({ id }, first) => void taken.set(id, first),
    take({ id }, { seq, atMs }, entries) {
      const index = entries.length - 1;
      const { kind, outcome, version, price, body, bidId } = entries[index] as DecisionEntry;
      const entry: DecisionEntry = { kind, outcome, version, price };
      if (body !== undefined) entry.body = body;
      if (bidId !== undefined) entry.bidId = bidId;
      taken.set(id, { entry, position: { seq, atMs }, index });
    },
  };
}

export interface ReplayedCommands {
  readonly commands: readonly ReadCommand[];
  /** Places of commands whose bodies could not be stored; they were refused. */
  readonly refused: ReadonlySet<number> | undefined;
}

/** What the entries of an envelope were decided from, as far as deciding them again needs it. */
export function commandsOf(
  auctionId: string,
  entries: readonly DecisionEntry[],
  keys: Pick<KeyBook, "first">,
): ReplayedCommands {
  let refused: Set<number> | undefined;
  /** Bodies that took a key in this envelope, by identity: it may be used again within it. */
  const bodies = new Map<string, object | undefined>();
  const commands = entries.map((entry, index): ReadCommand => {
    const command = commandOf(entry);
    const identity = command === undefined ? undefined : identify(auctionId, command);
    if (command === undefined || command.type === "tick" || identity === undefined)
      return { command, identity };
    if (entry.body === undefined) {
      (refused ??= new Set()).add(index);
      const first = bodies.has(identity.id) ? bodies.get(identity.id) : keys.first(identity)?.entry.body;
      const body = entry.outcome === "duplicate" ? (first ?? {}) : ANOTHER;
      return { command: { ...command, body } as Command, identity };
    }
    const isFirst = entry.outcome !== "duplicate" && entry.reason !== "idempotency_key_reused";
    if (isFirst) bodies.set(identity.id, entry.body);
    return { command, identity };
  });
  return { commands, refused };
}

/** The body of a command whose own is not known, only that it was not the one that took the key. */
const ANOTHER = { other: "body" };

function commandOf(entry: DecisionEntry): Command | undefined {
  const { kind, actorId = "", key = "", body = {} } = entry;
  switch (kind) {
    case "bid":
      return { type: kind, bidderId: actorId, key, body };
    case "create":
      return createOf(entry, { actorId, key, body });
    case "manage":
      return { type: kind, actorId, key, role: entry.role ?? roleOf(entry), body } as ManageCommand;
    case "tick":
      return { type: kind };
    case "unreadable":
      return undefined;
    default:
      return unreachable(kind);
  }
}

/** Only the create that was accepted has rules and salts on record, and only there they matter. */
function createOf(
  { events }: DecisionEntry,
  { actorId: sellerId, key, body }: { actorId: string; key: string; body: object },
): Command {
  const created = events?.find(
    (event): event is EventOf<"auction_created"> => event.type === "auction_created",
  );
  const rules = created?.rules ?? RULES_VERSION;
  const aliasSalt = created?.aliasSalt ?? "";
  const command = { type: "create", sellerId, key, body, rules, aliasSalt };
  const secretSalt = created?.secretSalt;
  return (secretSalt === undefined ? command : { ...command, secretSalt }) as Command;
}

/** By rules 1 and 2 the role was not kept, but what came of it tells whether it sufficed: whatever an operator may do was permitted. */
const roleOf = ({ reason }: DecisionEntry): ManageCommand["role"] =>
  reason === "not_permitted" ? "bidder" : "operator";
