import type { StackOptions } from "./stack-types.ts";

/**
 * Results live in memory for a short age, the log on disk. Both limits are far above what one machine fills; without
 * them the server would take shares of the machine's memory and disk that depend on the machine.
 */
const MAX_MEMORY = "1GB";
const MAX_FILE = "64GB";

type NatsOptions = Pick<StackOptions, "natsConfig" | "natsSyncInterval">;

/** `sync_interval: always` is what makes "queued" mean durable: an acknowledged message has been fsynced. */
export function natsConfig(
  places: { listen: string; http: string; store: string },
  { natsConfig: extra = "", natsSyncInterval = "always" }: NatsOptions = {},
): string {
  return [
    `listen: "${places.listen}"`,
    `http: "${places.http}"`,
    'server_name: "lastcall-local"',
    "jetstream {",
    `  store_dir: ${JSON.stringify(places.store)}`,
    `  max_memory_store: ${MAX_MEMORY}`,
    `  max_file_store: ${MAX_FILE}`,
    `  sync_interval: ${natsSyncInterval}`,
    "}",
    extra,
    "",
  ].join("\n");
}
