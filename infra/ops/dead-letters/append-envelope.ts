import { jetstream } from "@nats-io/jetstream";
import { connect } from "nats";
import type { Command, Envelope } from "../../../shared/commands.ts";
import { WIRE_VERSION } from "../../../shared/wire-version.ts";

/** An operator waits this long for NATS before it counts as unreachable. */
const TIMEOUT_MS = 5_000;

/** Appends the commands as a new envelope, for which no gateway waits. Returns its sequence once the stream has it. */
export async function appendEnvelope(
  servers: readonly string[],
  subject: string,
  commands: readonly Command[],
): Promise<number> {
  const envelope: Envelope = {
    v: WIRE_VERSION,
    id: `replay-${crypto.randomUUID()}`,
    origin: "",
    commands: [...commands],
  };
  const nc = await connect({
    servers: [...servers],
    name: "lastcall-ops",
    timeout: TIMEOUT_MS,
    reconnect: false,
  });
  try {
    const { seq } = await jetstream(nc).publish(subject, JSON.stringify(envelope), {
      msgID: envelope.id,
      timeout: TIMEOUT_MS,
    });
    return seq;
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `the log has not acknowledged the message (${why}); should it have it after all, the keys make another replay safe`,
      { cause: error },
    );
  } finally {
    await nc.close();
  }
}
