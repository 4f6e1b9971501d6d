import { outcomeKey, type ReplayedAuction } from "../../support/replay.ts";
import type { NaiveDecision } from "../../support/naive/state.ts";
import type { ToldAnswer, ToldCommand } from "../told.ts";
import { type Find, isBefore, placeText, type Position } from "./evidence.ts";

/** Refusals that clients may get instead of an outcome; each says that the log does not have the command. */
const REFUSALS = ["not_queued", "auction_closed", "auction_cancelled"];

const nameOf = ({ kind, actorId, key }: ToldCommand): string => outcomeKey(kind, actorId, key);

/** Everything that clients were told is what the log says, and nothing that was acknowledged is missing (I1, I6, I9). */
export function checkTold(told: readonly ToldCommand[], replay: ReplayedAuction, find: Find): void {
  for (const command of told) {
    const decision = replay.outcomes.get(nameOf(command));
    const what = `${command.kind} ${command.key} of ${command.actorId}`;
    for (const answer of command.answers) checkAnswer(answer, { decision, what }, find);
    if (command.created === true && decision?.outcome !== "accepted")
      find("lost", `${what} was confirmed, and the log has not accepted it`);
    for (const seq of command.acks)
      if (decision === undefined || decision.seq > seq)
        find("lost", `${what} was acknowledged at ${seq}, and is not in the log by then`);
    if (command.refusal !== undefined) checkRefusal(command, { decision, what, replay }, find);
  }
}

function checkAnswer(
  answer: ToldAnswer,
  { decision, what }: { decision: NaiveDecision | undefined; what: string },
  find: Find,
): void {
  if (decision === undefined) return find("lost", `${what} was answered, and is not in the log`);
  if (answer.seq !== decision.seq || answer.index !== decision.index)
    return find(
      "doubled",
      `${what} was told ${placeText(answer)} by ${answer.door}, the log has ${placeText(decision)}`,
    );
  const is = answer.reason ?? answer.outcome;
  const should = decision.reason ?? decision.outcome;
  if (is !== should) {
    const isLate = is === "auction_closed" || should === "auction_closed";
    return find(
      isLate ? "late" : "reordered",
      `${what} was told ${is} by ${answer.door}, by the log ${should}`,
    );
  }
  const isSame =
    answer.at === decision.at &&
    (answer.version === undefined || answer.version === decision.version) &&
    (answer.price === undefined || answer.price === decision.price);
  if (!isSame) find("reordered", `${what} was told another time, version or price than the log's`);
}

function checkRefusal(
  { refusal, answers, kind }: ToldCommand,
  { decision, what, replay }: { decision: NaiveDecision | undefined; what: string; replay: ReplayedAuction },
  find: Find,
): void {
  if (refusal === undefined) return;
  const { reason, gotMs } = refusal;
  if (answers.length > 0) find("doubled", `${what} was answered, and later refused as ${reason}`);
  if (kind === "bid" && !REFUSALS.includes(reason)) find("lost", `${what} was refused as ${reason}`);
  // An attempt of it may still wait in the log, undecided, when its retry is refused; then the log must say the same.
  if (decision !== undefined && (decision.reason !== reason || reason === "not_queued"))
    find("doubled", `${what} was refused as ${reason} without being queued, and is decided otherwise`);
  if (reason !== "auction_closed" && reason !== "auction_cancelled") return;
  const over = replay.happenings.find(
    ({ type }) => type === "auction_closed" || type === "auction_cancelled",
  );
  if (over === undefined || over.at > gotMs) find("late", `${what} was refused as ${reason} before the end`);
}

/** One connection's commands are decided in the order sent (I15), and nothing that began after an answer precedes it. */
export function checkOrder(told: readonly ToldCommand[], replay: ReplayedAuction, find: Find): void {
  const decided = told.flatMap((command) => {
    const position = replay.outcomes.get(nameOf(command));
    return position === undefined ? [] : [{ command, position }];
  });
  checkConnections(decided, find);
  checkRealTime(decided, find);
}

interface Decided {
  readonly command: ToldCommand;
  readonly position: Position;
}

/** Only of commands that were sent once: of another, which attempt was decided is not known. */
function checkConnections(decided: readonly Decided[], find: Find): void {
  const once = decided.flatMap(({ command, position }) => {
    const [send, again] = command.sends;
    if (send === undefined || again !== undefined) return [];
    const [connection, place] = send;
    return [{ connection: `${command.actorId} ${connection}`, place, position, key: command.key }];
  });
  for (const [connection, sent] of Map.groupBy(once, (one) => one.connection)) {
    sent.sort((a, b) => a.place - b.place);
    for (const [i, one] of sent.entries()) {
      const before = sent[i - 1];
      if (before !== undefined && isBefore(one.position, before.position))
        find("reordered", `${one.key} overtook ${before.key} on ${connection}`);
    }
  }
}

/** Whoever bids after having seen another's outcome is behind it in the log. */
function checkRealTime(decided: readonly Decided[], find: Find): void {
  const begun = decided.toSorted((a, b) => a.command.firstSentMs - b.command.firstSentMs);
  const known = decided
    .flatMap(({ command, position }) => {
      const gotMs = command.answers[0]?.gotMs;
      return gotMs === undefined ? [] : [{ gotMs, position, key: command.key }];
    })
    .sort((a, b) => a.gotMs - b.gotMs);
  let newest: (typeof known)[number] | undefined;
  let next = 0;
  for (const { command, position } of begun) {
    // Milliseconds of one clock: what is equal may have been either way.
    while (next < known.length && (known[next]?.gotMs ?? 0) < command.firstSentMs) {
      const one = known[next++];
      if (one !== undefined && (newest === undefined || isBefore(newest.position, one.position)))
        newest = one;
    }
    if (newest !== undefined && isBefore(position, newest.position))
      find(
        "reordered",
        `${command.key} was sent after the outcome of ${newest.key}, and is before it in the log`,
      );
  }
}
