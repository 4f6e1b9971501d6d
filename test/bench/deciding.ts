import type { Auction } from "../../core/auction/auction.ts";
import { decideEnvelope, type KeyBook, type ReadCommand } from "../../core/auction/decide-envelope.ts";
import { identify } from "../../core/auction/identity.ts";
import { createKeyIndex } from "../../core/sequencer/keys/key-index.ts";
import type { Command } from "../../shared/commands.ts";
import { DECIDE_AUCTION, DECIDE_START_MS, type DecideMix, newDecideAuction } from "./decide-mixes.ts";

const BIDS_PER_ENVELOPE = 20;

/** What came of deciding all bids of a mix once. */
export interface Pass {
  readonly bids: number;
  readonly accepted: number;
  /** Of the auction at the end: the same for every pass, or deciding is not pure. */
  readonly version: number;
  readonly seconds: number;
}

/** Returns what decides the mix from its beginning, as often as it is called: the path of the sequencer without reading and storing. */
export function decider(mix: DecideMix): () => Pass {
  const before = inEnvelopes([newDecideAuction(mix.terms), ...mix.before]);
  const envelopes = inEnvelopes(mix.bids);
  const { expected } = mix;
  return () => {
    const pass = decideAll(before, envelopes);
    if (expected !== undefined && pass.accepted !== expected.accepted)
      throw new Error(`${pass.accepted} bids were accepted instead of ${expected.accepted}`);
    return { ...pass, bids: mix.bids.length };
  };
}

type Envelopes = readonly (readonly ReadCommand[])[];

function inEnvelopes(bids: readonly Command[]): Envelopes {
  // Through JSON, as they come from the log: what the runtime makes of parsed text differs from what this program put together.
  const parsed = JSON.parse(JSON.stringify(bids)) as Command[];
  const read = parsed.map((command) => ({ command, identity: identify(DECIDE_AUCTION, command) }));
  const count = Math.ceil(read.length / BIDS_PER_ENVELOPE);
  return Array.from({ length: count }, (_, i) =>
    read.slice(i * BIDS_PER_ENVELOPE, (i + 1) * BIDS_PER_ENVELOPE),
  );
}

function afterAll(envelopes: Envelopes): Auction {
  const keys = newKeys();
  let auction: Auction | null = null;
  for (const [i, commands] of envelopes.entries()) {
    const position = { seq: i + 1, atMs: DECIDE_START_MS };
    ({ auction } = decideEnvelope({ auctionId: DECIDE_AUCTION, auction, commands, position, keys }));
  }
  if (auction === null) throw new Error("the auction could not be opened");
  return auction;
}

function decideAll(before: Envelopes, envelopes: Envelopes): Omit<Pass, "bids"> {
  const keys = newKeys();
  // Made anew for each pass: nobody holds on to where an auction began, and that would keep all of its versions.
  let auction: Auction | null = afterAll(before);
  let accepted = 0;
  const startMs = performance.now();
  for (let i = 0; i < envelopes.length; i++) {
    const commands = envelopes[i] as readonly ReadCommand[];
    const position = { seq: i + 1, atMs: DECIDE_START_MS + i };
    const decision = decideEnvelope({ auctionId: DECIDE_AUCTION, auction, commands, position, keys });
    for (const entry of decision.entries) if (entry.outcome === "accepted") accepted++;
    auction = decision.auction;
  }
  const seconds = (performance.now() - startMs) / 1_000;
  return { accepted, version: auction?.version ?? 0, seconds };
}

/** The sequencer's own index of keys. No key of a mix comes twice, so nothing is ever looked up behind it. */
function newKeys(): KeyBook {
  const index = createKeyIndex();
  return {
    first({ fingerprint }) {
      if (index.find(fingerprint).length > 0) throw new Error("a key of the mix comes twice");
      return undefined;
    },
    take: ({ fingerprint }, { seq }) => index.add(fingerprint, seq),
  };
}
