import { headers, type NatsConnection } from "nats";

/** Messages that nobody answers. What must not get lost is asked for again by whoever sent it. */
export interface Bus {
  /** `messageId` lets a stream store the message once, however often it is sent. */
  publish(subject: string, text: string, messageId?: string): void;
  /** Resolves when the server has everything published before the call; rejects when the connection is gone. */
  flush(): Promise<void>;
  /** Calls back with every message on the subject; returns the end of it. */
  subscribe(subject: string, onMessage: () => void): () => void;
}

export function createBus(nc: NatsConnection): Bus {
  return {
    publish(subject, text, messageId) {
      if (messageId === undefined) return nc.publish(subject, text);
      const head = headers();
      head.set("Nats-Msg-Id", messageId);
      nc.publish(subject, text, { headers: head });
    },
    flush: () => nc.flush(),
    subscribe(subject, onMessage) {
      const subscription = nc.subscribe(subject, { callback: () => onMessage() });
      return () => subscription.unsubscribe();
    },
  };
}
