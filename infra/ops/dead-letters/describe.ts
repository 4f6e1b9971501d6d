import type { DeadLetter } from "../../../core/shards/dead-letters.ts";
import { auctionIdOfSubject } from "../../../shared/subjects.ts";
import { hexDump, hexOf } from "./hex-dump.ts";
import { type Shown, withoutSecrets } from "./mask.ts";
import { readPayload } from "./payload.ts";
import { oneLineOf, withoutControls } from "./terminal.ts";

/** A letter that was read whole. */
export type WholeLetter = DeadLetter & { readonly payload: Uint8Array };

export interface Description {
  readonly text: string;
  /** The same for other programs. */
  readonly json: object;
}

/** Everything about a letter; its secrets only where they were asked for. */
export function describe(letter: WholeLetter, { reveal }: { reveal: boolean }): Description {
  const { slot, seq, atMs, reason, subject, auction, replayedSeq } = letter;
  const payload = readPayload(letter.payload);
  const shown = reveal ? revealed(letter, payload) : withoutSecrets(letter, payload);
  const digits = reveal ? "shown" : "hidden";
  const at = new Date(atMs).toISOString();
  const parkedAt = new Date(letter.parkedAtMs).toISOString();
  const auctionId = auctionIdOfSubject(subject) ?? null;
  const bytes = letter.payload.length;
  const about = auction === null ? "not known" : `${auction.format}, ${auction.status}`;
  const fields: [string, string][] = [
    ["letter", `${slot}:${seq}`],
    ["at", at],
    ["parked", parkedAt],
    ["reason", reason],
    ["detail", shown.detail],
    ["subject", subject],
    ["auction", auctionId === null ? "none" : `${auctionId} (${about})`],
    ["replayed", replayedSeq === null ? "no" : `as ${replayedSeq}`],
    ["payload", `${bytes} bytes${shown.json === null ? ", not JSON" : ""}`],
  ];
  const body =
    shown.json === null ? hexDump(letter.payload, { digits }) : JSON.stringify(shown.json.value, null, 2);
  const { detail } = shown;
  const head = { slot, seq, at, parkedAt, reason, detail, subject, auctionId, auction, replayedSeq, bytes };
  return {
    text: [
      ...fields.map(([name, value]) => `${name.padEnd(8)}  ${oneLineOf(value)}`),
      withoutControls(body),
    ].join("\n"),
    json:
      shown.json === null
        ? { ...head, payloadHex: hexOf(letter.payload, { digits }).join("") }
        : { ...head, payload: shown.json.value },
  };
}

const revealed = ({ detail }: DeadLetter, payload: ReturnType<typeof readPayload>): Shown => ({
  detail,
  json: "json" in payload ? { value: payload.json } : null,
});
