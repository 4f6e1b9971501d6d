import { DurableObject } from "cloudflare:workers";
import { connect, nkeyAuthenticator, type NatsConnection } from "nats";
import { slotOf } from "../../shared/slots.ts";
import { commandStream, commandSubject, querySubject, streamOf } from "../../shared/subjects.ts";
import type { Env, Topology } from "../env.ts";
import { topologyOf } from "../env.ts";
import { createBroker, CONNECT_TIMEOUT_MS, type Broker } from "./broker.ts";
import { createForwarder, type Forwarder } from "./forwarder.ts";
import { allowsAtomicBatches, isNoResponders, publishBatch, publishSingle } from "./jetstream-port.ts";
import {
  ackedLine,
  ACKED,
  CREDIT,
  HURRY,
  LEAVE,
  NOT_QUEUED,
  PUBLISH,
  PUBLISH_URGENT,
  SLEEP,
} from "./pipe-protocol.ts";
import { createPublisher, type Publisher, type SingleReply } from "./publisher.ts";
import { createRefusals } from "./refusals.ts";
import { createRegistrations } from "./registrations.ts";

/** The core answers in milliseconds; `minVersion` may hold it for a second. */
const QUERY_TIMEOUT_MS = 2_500;
/** How often a link with listeners makes sure that it lives and is connected. */
const ALARM_EVERY_MS = 30_000;
/** A stream that did not exist, or did not allow batches, when the link came up is asked again after this. */
const STREAM_RECHECK_MS = 5_000;
/** Queries underway: the core works on 128 at once and refuses the rest, so more of them only wait here for their timeout. */
const MAX_QUERIES = 1_024;
/** Gateways with a pipe or a registration: about a kilobyte each, and an outbox when they stall. */
const MAX_MEMBERS = 20_000;

/** The only holder of NATS connections: publishes envelopes for gateways and forwards results to them. */
export class BrokerLink extends DurableObject<Env> {
  readonly #topology: Topology;
  readonly #broker: Broker;
  readonly #forwarder: Forwarder;
  readonly #publishers = new Map<number, Publisher>();
  readonly #refusals = createRefusals(() => Date.now());
  #queries = 0;
  #alarmArmed = false;
  readonly #atomic = new Map<number, { allowed: boolean; checkedAt: number }>();

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env);
    this.#topology = topologyOf(env);
    this.#broker = createBroker({
      connect: () => openConnection(env),
      up: (connection) => this.#connected(connection),
      wanted: () => this.#forwarder.size() > 0,
    });
    // After the broker: a forwarder that finds stored registrations asks for its connection at once.
    this.#forwarder = createForwarder({
      slots: this.#topology.slots,
      registrations: createRegistrations(ctx.storage.sql),
      connection: () => this.#broker.current(),
      remembered: () => this.#armAlarm(),
      deliver: (gateway, frame) => env.GATEWAY.get(env.GATEWAY.idFromName(gateway)).deliver(frame),
    });
    if (this.#forwarder.size() > 0) ctx.waitUntil(this.#broker.ensure());
  }

  /** A gateway's pipe: `/pipe?auction=…&gateway=…`. */
  override async fetch(request: Request): Promise<Response> {
    const query = new URL(request.url).searchParams;
    const auctionId = query.get("auction");
    const gateway = query.get("gateway");
    if (auctionId === null || gateway === null)
      return new Response("auction and gateway are required", { status: 400 });
    if (this.#forwarder.members() >= MAX_MEMBERS)
      return new Response("too many gateways on this link", { status: 503 });
    const { 0: theirs, 1: ours } = new WebSocketPair();
    ours.accept();
    this.#serve(ours, auctionId, gateway);
    await this.#broker.ensure();
    return new Response(null, { status: 101, webSocket: theirs });
  }

  /** Asks any core; the answer is a `QueryAnswer` as JSON. */
  async query(kind: string, request: string): Promise<string> {
    if (this.#queries >= MAX_QUERIES) return unavailable("too many queries at once");
    this.#queries++;
    try {
      const connection = await this.#broker.ensure();
      if (connection === undefined) return unavailable("the broker cannot be reached");
      const reply = await connection.request(querySubject(kind), request, { timeout: QUERY_TIMEOUT_MS });
      return reply.string();
    } catch (error) {
      return unavailable(isNoResponders(error) ? "no core is running" : "the core did not answer in time");
    } finally {
      this.#queries--;
    }
  }

  override async alarm(): Promise<void> {
    this.#alarmArmed = false;
    if (this.#forwarder.size() === 0) return;
    await this.#broker.ensure();
    this.#armAlarm();
  }

  /** While anybody sleeps: a link that was evicted comes back, and finds them in its storage. */
  #armAlarm(): void {
    if (this.#alarmArmed) return;
    this.#alarmArmed = true;
    void this.ctx.storage.setAlarm(Date.now() + ALARM_EVERY_MS);
  }

  #serve(pipe: WebSocket, auctionId: string, gateway: string): void {
    const slot = slotOf(auctionId, this.#topology.slots);
    const subject = commandSubject(slot, auctionId);
    const publisher = this.#publisher(streamOf(slot, this.#topology.streams));
    const member = this.#forwarder.join(auctionId, gateway, pipe);
    const publish = (id: string, payload: string, urgent: boolean): void => {
      publisher.add({
        subject,
        id,
        payload,
        settled: (fate, seq) => {
          if (fate !== ACKED) this.#forwarder.tell(member, fate + id);
          else if (urgent) this.#forwarder.tell(member, ackedLine(id, seq));
          else this.#forwarder.tellLazily(member, ackedLine(id, seq));
        },
      });
    };
    pipe.addEventListener("message", (event) => {
      const lines = (event.data as string).split("\n");
      for (let i = 0; i < lines.length; i++) {
        const line = lines[i] as string;
        if (line[0] === PUBLISH) publish(line.slice(1), lines[++i] as string, false);
        else if (line[0] === PUBLISH_URGENT) publish(line.slice(1), lines[++i] as string, true);
        else if (line[0] === HURRY) this.#forwarder.hurry(member);
        else if (line[0] === CREDIT) this.#forwarder.credit(member, Number(line.slice(1)));
        else if (line[0] === LEAVE) this.#forwarder.leave(member);
        else if (line[0] === SLEEP) this.#forwarder.sleep(member, pipe);
      }
    });
    const gone = (): void => this.#forwarder.pipeClosed(member, pipe);
    pipe.addEventListener("close", gone);
    pipe.addEventListener("error", gone);
  }

  #publisher(stream: number): Publisher {
    let publisher = this.#publishers.get(stream);
    if (publisher === undefined) {
      publisher = createPublisher({
        single: async (message) => {
          const connection = await this.#broker.ensure();
          return connection === undefined ? UNREACHABLE : publishSingle(connection, message);
        },
        batch: async (messages) => {
          const connection = await this.#broker.ensure();
          return connection === undefined ? { fate: "refused" } : publishBatch(connection, messages);
        },
        atomic: () => this.#allowsAtomic(stream),
        refused: (refusal) => this.#refusals.note(commandStream(stream), refusal),
      });
      this.#publishers.set(stream, publisher);
    }
    return publisher;
  }

  #allowsAtomic(stream: number): boolean {
    const known = this.#atomic.get(stream);
    const connection = this.#broker.current();
    const stale = known === undefined || (!known.allowed && Date.now() - known.checkedAt > STREAM_RECHECK_MS);
    if (stale && connection !== undefined) void this.#checkStream(connection, stream);
    return known?.allowed ?? false;
  }

  async #checkStream(connection: NatsConnection, stream: number): Promise<void> {
    this.#atomic.set(stream, { allowed: false, checkedAt: Date.now() });
    const allowed = await allowsAtomicBatches(connection, commandStream(stream)).catch(() => false);
    this.#atomic.set(stream, { allowed, checkedAt: Date.now() });
  }

  #connected(connection: NatsConnection): void {
    this.#atomic.clear();
    for (let stream = 0; stream < this.#topology.streams; stream++)
      void this.#checkStream(connection, stream);
    this.#forwarder.connected(connection);
  }
}

const UNREACHABLE: SingleReply = {
  fate: NOT_QUEUED,
  seq: 0,
  refusal: { code: 0, description: "the broker cannot be reached" },
};

function openConnection(env: Env): Promise<NatsConnection> {
  const tls = env.NATS_URL.startsWith("tls://") ? { tls: { handshakeFirst: true } } : {};
  const seed = env.NATS_NKEY_SEED;
  const authenticator =
    seed === undefined || seed === ""
      ? {}
      : { authenticator: nkeyAuthenticator(new TextEncoder().encode(seed)) };
  return connect({
    servers: env.NATS_URL.split(","),
    // workerd resolves names itself, and has no dns module to do it with.
    resolve: false,
    reconnect: false,
    timeout: CONNECT_TIMEOUT_MS,
    pingInterval: 10_000,
    maxPingOut: 2,
    name: "lastcall-edge",
    ...tls,
    ...authenticator,
  });
}

function unavailable(detail: string): string {
  return JSON.stringify({ error: { reason: "unavailable", detail } });
}
