import type { Outbox } from "./outbox.ts";
import { LAZY_ACK_MS, RESYNC } from "./pipe-protocol.ts";

/** A gateway that listens to an auction: through its pipe while it is awake, by a call that wakes it otherwise. */
export interface Member {
  readonly auctionId: string;
  readonly gateway: string;
  readonly outbox: Outbox;
  pipe: WebSocket | undefined;
  delivering: boolean;
  /** In the list of those to flush. */
  dirty: boolean;
  /** Until then its acks are not held back, milliseconds since the epoch. */
  hurriedUntil: number;
}

/** Before a gateway that could not be woken is called again. */
const WAKE_AGAIN_MS = 1_000;

export interface DeliveryDeps {
  /** Wakes the gateway; false when nobody listens there any more. */
  deliver(gateway: string, frame: string): Promise<boolean>;
  leave(member: Member): void;
}

export interface Delivery {
  tell(member: Member, line: string): void;
  tellLazily(member: Member, line: string): void;
  flush(member: Member): void;
}

/** Brings lines to their gateways, many in a frame: one frame per member for each chunk of data that NATS sent. */
export function createDelivery(deps: DeliveryDeps): Delivery {
  /** Members with waiting lines; flushed together after the chunk of socket data that filled them. */
  let dirty: Member[] = [];
  /** Members with only lines that may wait. */
  let lazy: Member[] = [];

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
        if (!listening && member.pipe === undefined) return deps.leave(member);
        if (member.pipe !== undefined) return tellOpen(member);
      }
    } catch (error) {
      // The frame is lost: once the gateway can be woken, it shall fetch what it missed.
      member.outbox.credit(1);
      member.outbox.add(RESYNC);
      setTimeout(() => flush(member), WAKE_AGAIN_MS);
      console.warn(
        JSON.stringify({
          level: "warn",
          msg: "a gateway could not be reached",
          gateway: member.gateway,
          error: String(error),
        }),
      );
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
    for (const member of members) {
      member.dirty = false;
      flush(member);
    }
  };

  const tell = (member: Member, line: string): void => {
    member.outbox.add(line);
    if (member.dirty) return;
    member.dirty = true;
    if (dirty.push(member) === 1) queueMicrotask(flushAll);
  };

  const flushLazy = (): void => {
    const members = lazy;
    lazy = [];
    for (const member of members) if (member.outbox.waiting() > 0) flush(member);
  };

  const tellLazily = (member: Member, line: string): void => {
    if (Date.now() < member.hurriedUntil) return tell(member, line);
    member.outbox.add(line);
    if (lazy.push(member) === 1) setTimeout(flushLazy, LAZY_ACK_MS);
  };

  return { tell, tellLazily, flush };
}
