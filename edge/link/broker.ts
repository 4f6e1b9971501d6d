import type { NatsConnection } from "nats";

/** Opening a connection takes a round trip or two; a broker that needs longer is down for a bidder's purposes. */
export const CONNECT_TIMEOUT_MS = 2_000;
const FIRST_RETRY_MS = 100;
const LAST_RETRY_MS = 2_000;

export interface BrokerDeps {
  connect(): Promise<NatsConnection>;
  /** A fresh connection: subscribe again, and let everybody catch up on what was missed. */
  up(connection: NatsConnection): void;
  /** Whether anybody needs a connection while nothing is being published. */
  wanted(): boolean;
}

export interface Broker {
  current(): NatsConnection | undefined;
  /** The connection, opened if need be; undefined while the broker does not answer. */
  ensure(): Promise<NatsConnection | undefined>;
}

/**
 * One connection, replaced as a whole when it breaks. The library's own reconnect would keep what was written
 * meanwhile and send it later, and then nobody could say that an envelope was certainly not queued.
 */
export function createBroker(deps: BrokerDeps): Broker {
  let connection: NatsConnection | undefined;
  let opening: Promise<NatsConnection | undefined> | undefined;
  let retryMs = FIRST_RETRY_MS;
  let notBefore = 0;

  const retryLater = (): void => {
    if (deps.wanted()) setTimeout(() => void broker.ensure(), retryMs);
  };

  const open = async (): Promise<NatsConnection | undefined> => {
    try {
      const fresh = await deps.connect();
      connection = fresh;
      retryMs = FIRST_RETRY_MS;
      void fresh.closed().then(() => {
        if (connection === fresh) connection = undefined;
        retryLater();
      });
      deps.up(fresh);
      return fresh;
    } catch (error) {
      notBefore = Date.now() + retryMs;
      retryMs = Math.min(retryMs * 2, LAST_RETRY_MS);
      console.warn(
        JSON.stringify({ level: "warn", msg: "the broker cannot be reached", error: String(error) }),
      );
      retryLater();
      return undefined;
    } finally {
      opening = undefined;
    }
  };

  const broker: Broker = {
    current: () => connection,
    ensure: async () => {
      if (connection !== undefined) return connection;
      if (opening === undefined && Date.now() < notBefore) return undefined;
      opening ??= open();
      return opening;
    },
  };
  return broker;
}
