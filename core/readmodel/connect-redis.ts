import { Redis } from "ioredis";

/** A connection attempt that takes longer is a dead host. */
const CONNECT_TIMEOUT_MS = 2_000;
const MAX_RECONNECT_DELAY_MS = 1_000;
/** A host that died without a word answers neither commands nor the greeting; without this a reconnection would wait on it for ever. */
const COMMAND_TIMEOUT_MS = 5_000;

/**
 * A connection that fails at once while Redis is away, instead of queueing without bound; it keeps trying to come back.
 * The caller listens to its `error` event.
 */
export function connectRedis(url: string): Redis {
  return new Redis(url, {
    connectTimeout: CONNECT_TIMEOUT_MS,
    commandTimeout: COMMAND_TIMEOUT_MS,
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    retryStrategy: (attempt) => Math.min(50 * 2 ** Math.min(attempt, 10), MAX_RECONNECT_DELAY_MS),
  });
}
