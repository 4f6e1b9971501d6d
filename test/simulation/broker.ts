import type { LoggedMessage, StreamBounds } from "../../core/sequencer/log/command-log.ts";
import { newServer, type Server } from "./network.ts";
import type { World } from "./world.ts";

/** A stream as JetStream keeps one: sequences from 1, and an id's message stored once within the duplicate window. */
export interface Stream {
  readonly name: string;
  id: string;
  firstSeq: number;
  lastSeq: number;
  readonly messages: Map<number, LoggedMessage>;
  readonly known: Map<string, { seq: number; atMs: number }>;
}

/** A message that a commands stream has stored at some time, whether or not it has it still. */
export interface ArchivedMessage extends LoggedMessage {
  readonly stream: string;
  /** How often the stream had gone backwards before. */
  readonly generation: number;
}

/** nats-server: streams, those who read them, and subjects without a stream. */
export interface Broker {
  readonly server: Server;
  /** How far its clock, which stamps messages, is ahead of the world's. */
  skewMs: number;
  readonly streams: Map<string, Stream>;
  readonly archive: ArchivedMessage[];
  /** Called with each message that a stream has stored, and after each restart. */
  readonly listeners: Set<BrokerListener>;
  addStream(name: string): Stream;
  append(stream: string, message: { subject: string; data: Uint8Array; id?: string | undefined }): number;
  bounds(stream: string): StreamBounds;
  crash(): void;
  restart(): void;
  /** Forgets what is above `keep`; its sequences will be given out again. With a new id it is another stream altogether. */
  regress(stream: string, keep: number, newId?: string): void;
  generationOf(stream: string): number;
}

export interface BrokerListener {
  stored?(stream: Stream, message: LoggedMessage): void;
  restarted?(): void;
}

const DUPLICATE_WINDOW_MS = 30_000;

export function createBroker(world: World): Broker {
  const streams = new Map<string, Stream>();
  const listeners = new Set<BrokerListener>();
  const archive: ArchivedMessage[] = [];
  const generations = new Map<string, number>();
  const streamOf = (name: string): Stream => {
    const stream = streams.get(name);
    if (stream === undefined) throw new Error(`there is no stream ${name}`);
    return stream;
  };
  const broker: Broker = {
    server: newServer("broker"),
    skewMs: 0,
    streams,
    archive,
    listeners,
    addStream(name) {
      const stream: Stream = {
        name,
        id: `${name}-of-old`,
        firstSeq: 1,
        lastSeq: 0,
        messages: new Map(),
        known: new Map(),
      };
      streams.set(name, stream);
      return stream;
    },
    append(name, { subject, data, id }) {
      const stream = streamOf(name);
      const known = id === undefined ? undefined : stream.known.get(id);
      if (known !== undefined && world.nowMs - known.atMs < DUPLICATE_WINDOW_MS) return known.seq;
      const seq = ++stream.lastSeq;
      const message = { seq, atMs: Math.floor(world.nowMs + broker.skewMs), subject, data };
      stream.messages.set(seq, message);
      archive.push({ ...message, stream: name, generation: broker.generationOf(name) });
      if (id !== undefined) stream.known.set(id, { seq, atMs: world.nowMs });
      for (const listener of listeners) listener.stored?.(stream, message);
      return seq;
    },
    bounds(name) {
      const { id: streamId, firstSeq, lastSeq } = streamOf(name);
      return { streamId, firstSeq, lastSeq };
    },
    crash() {
      broker.server.isUp = false;
      // Kept in memory only.
      streams.get("RESULTS")?.known.clear();
    },
    restart() {
      broker.server.isUp = true;
      for (const listener of listeners) listener.restarted?.();
    },
    regress(name, keep, newId) {
      const stream = streamOf(name);
      for (const seq of stream.messages.keys()) if (seq > keep) stream.messages.delete(seq);
      for (const [id, { seq }] of stream.known) if (seq > keep) stream.known.delete(id);
      stream.lastSeq = Math.min(stream.lastSeq, keep);
      if (newId !== undefined) stream.id = newId;
      generations.set(name, broker.generationOf(name) + 1);
    },
    generationOf: (name) => generations.get(name) ?? 0,
  };
  return broker;
}
