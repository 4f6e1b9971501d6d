import type { NatsConnection, Subscription } from "nats";
import { slotOf } from "../../shared/slots.ts";
import { resultSubject } from "../../shared/subjects.ts";
import { createDelivery, type Member } from "./delivery.ts";
import { createOutbox } from "./outbox.ts";
import { LAZY_ACK_MS, RESULT, RESYNC } from "./pipe-protocol.ts";
import type { Registrations } from "./registrations.ts";

/** Gateways that catch up after a broken connection do so over this span, lest they all ask the core at once. */
const RESYNC_SPREAD_MS = 1_500;
/** So few may all ask at once. */
const RESYNC_AT_ONCE = 32;

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
  /** The same for what may wait a moment, so that it shares a frame with what comes next; unless the gateway hurries. */
  tellLazily(member: Member, line: string): void;
  /** What waits lazily shall leave now, and what comes within that time as well. */
  hurry(member: Member): void;
  credit(member: Member, frames: number): void;
  /** A fresh connection: subscribe again, and tell those who may have missed something. */
  connected(connection: NatsConnection): void;
  size(): number;
  /** Gateways, over all auctions. */
  members(): number;
}

export function createForwarder(deps: ForwarderDeps): Forwarder {
  const auctions = new Map<string, Listened>();
  let memberCount = 0;
  let everConnected = false;
  const delivery = createDelivery({ deliver: deps.deliver, leave: (member) => leave(member) });
  const { tell } = delivery;

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
      member = {
        auctionId,
        gateway,
        outbox: createOutbox(),
        pipe: undefined,
        delivering: false,
        dirty: false,
        hurriedUntil: 0,
      };
      members.set(gateway, member);
      memberCount++;
    }
    return member;
  };

  const leave = (member: Member): void => {
    const listened = auctions.get(member.auctionId);
    if (listened?.members.get(member.gateway) !== member) return;
    listened.members.delete(member.gateway);
    memberCount--;
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
      delivery.flush(member);
    },
    pipeClosed(member, pipe) {
      if (member.pipe !== pipe) return;
      member.pipe = undefined;
      // Frames in the broken pipe may be lost, and their credit never returns.
      member.outbox.credit(Number.MAX_SAFE_INTEGER);
      if (auctions.get(member.auctionId)?.members.get(member.gateway) === member) tell(member, RESYNC);
    },
    tell,
    tellLazily: delivery.tellLazily,
    hurry(member) {
      // The ack in question may be among those that wait, or still on its way from the stream.
      member.hurriedUntil = Date.now() + LAZY_ACK_MS;
      if (member.outbox.waiting() > 0) delivery.flush(member);
    },
    credit(member, frames) {
      member.outbox.credit(frames);
      delivery.flush(member);
    },
    connected(connection) {
      for (const [auctionId, listened] of auctions) subscribe(auctionId, listened, connection);
      if (everConnected || restored) resyncAll(auctions, tell);
      everConnected = true;
    },
    size: () => auctions.size,
    members: () => memberCount,
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
