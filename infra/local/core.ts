import path from "node:path";
import { fileURLToPath } from "node:url";
import * as z from "zod";
import { startPart } from "./managed-part.ts";
import type { CorePart, StackContext } from "./stack-types.ts";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** The one line a core prints when it serves. */
const readySchema = z.object({ ready: z.literal(true), instance: z.string(), metrics: z.string() });

/**
 * What the runtime takes for the machine's memory, and so how eagerly it collects: told the truth on a large machine, a core
 * kept 730 MB after a million bids; told this, 280 MB, deciding as fast.
 */
const RUNTIME_MEMORY_BYTES = 400_000_000;

export interface CoreAddresses {
  readonly shards: readonly string[];
  readonly nats: string;
  readonly redis: string;
}

export async function startCore(
  context: StackContext,
  number: number,
  addresses: CoreAddresses,
): Promise<CorePart> {
  let serving: z.infer<typeof readySchema> | undefined;
  const part = await startPart(context, {
    name: `core-${number}`,
    file: path.join(root, "node_modules/.bin/bun"),
    args: ["core/main.ts"],
    cwd: root,
    env: {
      LASTCALL_SHARDS: addresses.shards.join(","),
      NATS_URL: addresses.nats,
      REDIS_URL: addresses.redis,
      METRICS_PORT: "0",
      BUN_JSC_forceRAMSize: String(RUNTIME_MEMORY_BYTES),
      ...context.options.coreEnv,
    },
    stopSignal: "SIGTERM",
    ready: async (line) => {
      serving = readySchema.parse(JSON.parse(await line));
    },
  });
  return {
    name: part.name,
    get pid() {
      return part.pid;
    },
    get instance() {
      return serving?.instance ?? "";
    },
    get metrics() {
      return serving?.metrics ?? "";
    },
    start: () => part.start(),
    stop: () => part.stop(),
    kill: (signal) => part.kill(signal),
  };
}
