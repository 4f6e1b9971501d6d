import type { NatsConnection, Subscription } from "nats";
import { slotOf } from "../../shared/slots.ts";
import { resultSubject } from "../../shared/subjects.ts";
import { createOutbox, type Outbox } from "./outbox.ts";
import { RESULT, RESYNC } from "./pipe-protocol.ts";
import type { Registrations } from "./registrations.ts";

/** Gateways that catch up after a broken connection do so over this span, lest they all ask the core at once. */
const RESYNC_SPREAD_MS = 1_500;
/** So few may all ask at once. */
const RESYNC_AT_ONCE = 32;

/** A gateway that listens to an auction: through its pipe while it is awake, by a call that wakes it otherwise. */
export interface Member {
  readonly auctionId: string;
  readonly gateway: string;
  readonly outbox: Outbox;
  pipe: WebSocket | undefined;
  delivering: boolean;
}

interface Listened {
  subscription: Subscription | undefined;
  members: Map<string, Member>;
}

export interface ForwarderDeps {
  slots: number;
  registrations: Registrations;
  connection(): NatsConnection | undefined;
  /** A registration was stored. */
  remembered(): void;
  /** Wakes the gateway; false when nobody listens there any more. */
  deliver(gateway: string, frame: string): Promise<boolean>;
}

export interface Forwarder {
  join(auctionId: string, gateway: string, pipe: WebSocket): Member;
  leave(member: Member): void;
  /** The gateway goes to sleep on purpose: what is in the pipe still arrives, what comes later is a call. */
  sleep(member: Member, pipe: WebSocket): void;
  pipeClosed(member: Member, pipe: WebSocket): void;
  tell(member: Member, line: string): void;
  credit(member: Member, frames: number): void;
  /** A fresh connection: subscribe again, and tell those who may have missed something. */
  connected(connection: NatsConnection): void;
  size(): number;
}

export function createForwarder(deps: ForwarderDeps): Forwarder {
  const auctions = new Map<string, Listened>();
  /** Members with waiting lines; flushed together after the chunk of socket data that filled them. */
  let dirty: Member[] = [];
  let everConnected = false;

  const flush = (member: Member): void => {
    if (member.pipe !== undefined) {
      const frame = member.outbox.take();
      if (frame !== undefined) member.pipe.send(frame);
    } else if (!member.delivering) {
      void deliverByCall(member);
    }
  };

  const deliverByCall = async (member: Member): Promise<void> => {
    member.delivering = true;
    try {
      for (let frame = member.outbox.take(); frame !== undefined; frame = member.outbox.take()) {
        const listening = await deps.deliver(member.gateway, frame);
        member.outbox.credit(1);
        if (!listening && member.pipe === undefined) return leave(member);
        if (member.pipe !== undefined) return tellOpen(member);
      }
    } catch (error) {
      // The gateway could not be woken: what it missed it fetches when it next speaks to us.
      member.outbox.credit(1);
      member.outbox.add(RESYNC);
      console.warn(JSON.stringify({ level: "warn", msg: "a gateway could not be reached", gateway: member.gateway, error: String(error) }));
    } finally {
      member.delivering = false;
    }
  };

  const tellOpen = (member: Member): void => {
    member.delivering = false;
    flush(member);
  };

  const flushAll = (): void => {
    const members = dirty;
    dirty = [];
    for (const member of members) flush(member);
  };

  const tell = (member: Member, line: string): void => {
    if (!member.outbox.add(line)) return;
    if (dirty.push(member) === 1) queueMicrotask(flushAll);
  };

  const subscribe = (auctionId: string, listened: Listened, connection: NatsConnection): void => {
    listened.subscription = connection.subscribe(resultSubject(slotOf(auctionId, deps.slots), auctionId), {
      callback: (error, message) => {
        if (error !== null) return;
        const line = RESULT + message.string();
        for (const member of listened.members.values()) tell(member, line);
      },
    });
  };

  const listen = (auctionId: string): Listened => {
    let listened = auctions.get(auctionId);
    if (listened === undefined) {
      listened = { subscription: undefined, members: new Map() };
      auctions.set(auctionId, listened);
      const connection = deps.connection();
      if (connection !== undefined) subscribe(auctionId, listened, connection);
    }
    return listened;
  };

  const memberOf = (auctionId: string, gateway: string): Member => {
    const { members } = listen(auctionId);
    let member = members.get(gateway);
    if (member === undefined) {
      member = { auctionId, gateway, outbox: createOutbox(), pipe: undefined, delivering: false };
      members.set(gateway, member);
    }
    return member;
  };

  const leave = (member: Member): void => {
    const listened = auctions.get(member.auctionId);
    if (listened?.members.get(member.gateway) !== member) return;
    listened.members.delete(member.gateway);
    deps.registrations.remove(member.auctionId, member.gateway);
    if (listened.members.size > 0) return;
    listened.subscription?.unsubscribe();
    auctions.delete(member.auctionId);
  };

  for (const { auctionId, gateway } of deps.registrations.all()) memberOf(auctionId, gateway);
  const restored = auctions.size > 0;

  return {
    join(auctionId, gateway, pipe) {
      const member = memberOf(auctionId, gateway);
      member.pipe = pipe;
      return member;
    },
    leave,
    sleep(member, pipe) {
      if (member.pipe !== pipe) return;
      member.pipe = undefined;
      // Only a sleeper has to be remembered: one that is awake sees its pipe break and comes back by itself. Nothing is
      // stored on the way of a bid, because whatever an object sends waits until what it has stored is on disk.
      if (auctions.get(member.auctionId)?.members.get(member.gateway) === member) {
        deps.registrations.add(member.auctionId, member.gateway);
        deps.remembered();
      }
      member.outbox.credit(Number.MAX_SAFE_INTEGER);
      pipe.close(1000, "sleep");
      flush(member);
    },
    pipeClosed(member, pipe) {
      if (member.pipe !== pipe) return;
      member.pipe = undefined;
      // Frames in the broken pipe may be lost, and their credit never returns.
      member.outbox.credit(Number.MAX_SAFE_INTEGER);
      if (auctions.get(member.auctionId)?.members.get(member.gateway) === member) tell(member, RESYNC);
    },
    tell,
    credit(member, frames) {
      member.outbox.credit(frames);
      flush(member);
    },
    connected(connection) {
      for (const [auctionId, listened] of auctions) subscribe(auctionId, listened, connection);
      if (everConnected || restored) resyncAll(auctions, tell);
      everConnected = true;
    },
    size: () => auctions.size,
  };
}

function resyncAll(auctions: Map<string, Listened>, tell: (member: Member, line: string) => void): void {
  const atOnce = auctions.size <= RESYNC_AT_ONCE;
  for (const { members } of auctions.values()) {
    for (const member of members.values()) {
      if (atOnce) tell(member, RESYNC);
      else setTimeout(() => tell(member, RESYNC), Math.random() * RESYNC_SPREAD_MS);
    }
  }
}
