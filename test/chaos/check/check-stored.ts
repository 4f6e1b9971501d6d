import { createHash } from "node:crypto";
import type { ReplayedAuction } from "../../support/replay.ts";
import type { NaiveDecision } from "../../support/naive/state.ts";
import { creationIn } from "./creation.ts";
import { type Evidence, type Find, placeText, type StoredEnvelope } from "./evidence.ts";

/** The places of a command in a stored record: those that the view `decisions` reads. */
type StoredCommand = readonly [
  kind: string,
  outcome: string,
  version: number,
  price: number | null,
  actorId?: string | null,
  key?: string | null,
  body?: unknown,
  reason?: string | null,
];

/** By later rules a link is made of what everybody may see, which `ops verify` recomputes. */
const LAST_RULES_OF_RECORD_CHAINS = 2;

/** The shards hold each envelope of the log once, decided as an independent replay decides it (I1, I2, I6, I7). */
export function checkStored(evidence: Evidence, replay: ReplayedAuction, find: Find): void {
  const stored = checkEnvelopes(evidence, find);
  const decided = new Set<string>();
  const byMessage = Map.groupBy(replay.decisions, ({ seq }) => seq);
  for (const envelope of stored.values()) {
    const commands = JSON.parse(envelope.record) as StoredCommand[];
    const should = byMessage.get(envelope.seq) ?? [];
    if (commands.length !== should.length)
      find(
        "reordered",
        `message ${envelope.seq} was decided as ${commands.length} commands, not ${should.length}`,
      );
    for (const [index, command] of commands.entries()) {
      const decision = should[index];
      if (decision !== undefined) compare(command, { decision, at: envelope.at }, find);
      const [kind, outcome, , , actorId, key, , reason] = command;
      if (actorId === undefined || actorId === null || outcome === "duplicate") continue;
      if (reason === "idempotency_key_reused") continue;
      const name = `${kind} ${actorId} ${key}`;
      if (decided.has(name)) find("doubled", `${kind} ${key} is decided again at ${envelope.seq}/${index}`);
      decided.add(name);
    }
  }
}

function compare(
  stored: StoredCommand,
  { decision, at }: { decision: NaiveDecision; at: number },
  find: Find,
): void {
  const [kind, outcome, version, price, actorId, key, , reason] = stored;
  const place = placeText(decision);
  if (
    (actorId ?? undefined) !== decision.actorId ||
    (key ?? undefined) !== decision.key ||
    kind !== decision.kind
  )
    return find(
      "reordered",
      `${place} is stored as ${kind} ${key}, logged as ${decision.kind} ${decision.key}`,
    );
  const is = reason ?? outcome;
  const should = decision.reason ?? decision.outcome;
  if (is !== should) {
    const isLate = is === "auction_closed" || should === "auction_closed";
    return find(isLate ? "late" : "reordered", `${kind} ${key} at ${place}: ${is}, by the log ${should}`);
  }
  if (at !== decision.at)
    find("reordered", `${place} is stored with the time ${at}, logged at ${decision.at}`);
  if (version !== decision.version)
    find("unequal", `${place} ends at version ${version}, by the log at ${decision.version}`);
  if (price !== decision.price) find("unequal", `${place} has another price than by the log`);
}

/** By sequence: the rows that belong to the log, each linked to the one before (I3, I7). */
function checkEnvelopes(evidence: Evidence, find: Find): ReadonlyMap<number, StoredEnvelope> {
  const stored = new Map<number, StoredEnvelope>();
  for (const envelope of evidence.envelopes) {
    if (stored.has(envelope.seq)) find("doubled", `message ${envelope.seq} is stored twice`);
    stored.set(envelope.seq, envelope);
  }
  const logged = new Map(evidence.messages.map((message) => [message.seq, envelopeIdOf(message.data)]));
  for (const [seq, id] of logged) {
    if (stored.has(seq) || seq > evidence.appliedSeq) continue;
    if (!evidence.parkedSeqs.has(seq)) find("lost", `message ${seq} (${id}) is in the log and not decided`);
  }
  const hashesRecords = (creationIn(evidence.messages)?.rules ?? 0) <= LAST_RULES_OF_RECORD_CHAINS;
  let version = 0;
  let chain = "";
  for (const { seq, at, fromVersion, toVersion, envelopeId, record, chain: link } of [
    ...stored.values(),
  ].sort((a, b) => a.seq - b.seq)) {
    const id = logged.get(seq);
    if (id !== envelopeId)
      find("doubled", `${seq} is decided as ${envelopeId}, the log has ${id ?? "nothing"} there`);
    if (fromVersion !== version) find("unequal", `${seq} begins at version ${fromVersion}, after ${version}`);
    version = toVersion;
    const own = createHash("sha256").update(`${chain}\n${seq}\n${at}\n${record}`).digest("hex");
    if (hashesRecords && link !== own) find("unequal", `the audit chain breaks at ${seq}`);
    chain = link;
  }
  return stored;
}

function envelopeIdOf(data: Uint8Array): string {
  try {
    return String((JSON.parse(new TextDecoder().decode(data)) as { id?: unknown }).id);
  } catch {
    return "";
  }
}
