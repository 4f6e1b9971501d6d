import { commandStream } from "../../shared/subjects.ts";
import { type Simulation, slotsOfStream } from "./simulation.ts";
import type { SimulatedCore } from "./core-instance.ts";

/** Bidding under faults takes this long, by the world's clock. */
export const FAULTS_MS = 20_000;
/** The first faults wait until there is something to lose. */
const FIRST_FAULT_MS = 1_500;

export interface Faults {
  /** Everything that is down comes up, what is halted goes on, nothing is lost on the way any more. */
  end(): void;
}

type Fault = (simulation: Simulation) => void;

/** With how often each happens, relative to the others. */
const FAULTS: readonly (readonly [weight: number, fault: Fault])[] = [
  [4, crashCore],
  [3, crashInCommit],
  [2, retireCore],
  [3, pauseCore],
  [2, jumpClock],
  [2, crashBroker],
  [2, stopShard],
  [2, loseMessages],
  [2, slowDown],
  [2, killGateway],
  [2, loseLinks],
  [1, jumpLogClock],
  [1, jumpShardClock],
];

/** Plans the seed's faults. In some seeds one stream goes backwards, late enough that something is in it. */
export function chooseFaults(simulation: Simulation): Faults {
  const { world } = simulation;
  const { random } = world;
  const total = FAULTS.reduce((sum, [weight]) => sum + weight, 0);
  const count = random.whole(2, 14);
  for (let i = 0; i < count; i++) {
    let drawn = random.between(0, total);
    const [, fault] = FAULTS.find(([weight]) => (drawn -= weight) < 0) ?? [0, crashCore];
    world.after(random.between(FIRST_FAULT_MS, FAULTS_MS - 1_000), () => fault(simulation));
  }
  if (random.chance(0.15))
    world.after(random.between(5_000, FAULTS_MS - 4_000), () => regressLog(simulation));
  return { end: () => heal(simulation) };
}

const living = ({ cores }: Simulation): SimulatedCore[] => cores.filter(({ process }) => process.isAlive);

function crashCore(simulation: Simulation): void {
  const { world } = simulation;
  const alive = living(simulation);
  if (alive.length === 0) return;
  const { process } = world.random.pick(alive);
  world.tell(`${process.name} is killed`);
  process.kill();
  replaceCore(simulation);
}

function replaceCore(simulation: Simulation): void {
  simulation.world.after(simulation.world.random.between(100, 4_000), () => simulation.startCore());
}

/** Told to stop, it hands over what it has. */
function retireCore(simulation: Simulation): void {
  const { world } = simulation;
  const alive = living(simulation);
  if (alive.length === 0) return;
  const { process, instance } = world.random.pick(alive);
  world.tell(`${process.name} is told to stop`);
  void instance.stop().then(() => process.kill());
  replaceCore(simulation);
}

/** Dies at the worst moment: with the commit on its way, or done and not known. */
function crashInCommit(simulation: Simulation): void {
  simulation.crashAtCommit = { at: simulation.world.random.pick(["sent", "done"] as const) };
  replaceCore(simulation);
}

/** Halted for longer than its lease, it wakes as somebody who has been replaced and does not know it. */
function pauseCore(simulation: Simulation): void {
  const { world } = simulation;
  const alive = living(simulation);
  if (alive.length === 0) return;
  const { process } = world.random.pick(alive);
  world.tell(`${process.name} is halted`);
  process.pause();
  world.after(world.random.between(100, 5_000), () => {
    world.tell(`${process.name} goes on`);
    process.resume();
  });
}

function jumpClock(simulation: Simulation): void {
  const { world } = simulation;
  const alive = living(simulation);
  if (alive.length === 0) return;
  const { process } = world.random.pick(alive);
  process.skewMs = world.random.between(-2_000, 2_000);
  world.tell(`${process.name}'s clock is ${Math.round(process.skewMs)} ms ahead`);
}

function jumpLogClock({ world, broker }: Simulation): void {
  broker.skewMs = world.random.between(-1_500, 1_500);
  world.tell(`the log's clock is ${Math.round(broker.skewMs)} ms ahead`);
}

/** Leases end early, or late. */
function jumpShardClock({ world, shards }: Simulation): void {
  const shard = world.random.pick(shards);
  shard.skewMs = world.random.between(-3_000, 3_000);
  world.tell(`${shard.server.name}'s clock is ${Math.round(shard.skewMs)} ms ahead`);
}

function crashBroker({ world, broker }: Simulation): void {
  if (!broker.server.isUp) return;
  world.tell("the broker is killed");
  broker.crash();
  world.after(world.random.between(50, 3_000), () => {
    if (broker.server.isUp) return;
    world.tell("the broker is back");
    broker.restart();
  });
}

function stopShard({ world, shards }: Simulation): void {
  const { server } = world.random.pick(shards);
  world.tell(`${server.name} is killed`);
  server.isUp = false;
  world.after(world.random.between(50, 4_000), () => (server.isUp = true));
}

/** A network that loses requests and answers: also those of commits. */
function loseMessages({ world, broker, shards }: Simulation): void {
  const server = world.random.pick([broker.server, ...shards.map((shard) => shard.server)]);
  server.lossiness = world.random.between(0.02, 0.4);
  world.tell(`${server.name} loses ${Math.round(server.lossiness * 100)} % each way`);
  world.after(world.random.between(200, 4_000), () => (server.lossiness = 0));
}

function slowDown({ world, broker, shards }: Simulation): void {
  const server = world.random.pick([broker.server, ...shards.map((shard) => shard.server)]);
  const before = server.latencyMs;
  server.latencyMs = { min: 1, max: world.random.between(20, 1_500) };
  world.tell(`${server.name} takes up to ${Math.round(server.latencyMs.max)} ms each way`);
  world.after(world.random.between(200, 4_000), () => (server.latencyMs = before));
}

function killGateway(simulation: Simulation): void {
  const { auctionId } = simulation.world.random.pick(simulation.lots);
  simulation.world.tell(`the gateway of ${auctionId} dies`);
  simulation.replaceGateway(auctionId);
}

function loseLinks({ world, gateways }: Simulation): void {
  world.tell("the links die");
  for (const gateway of gateways.values()) gateway.loseLink();
}

/** The broker comes back with less than it had: at rest, or already with new messages under old sequences. */
function regressLog({ world, broker, shards, regressions }: Simulation): void {
  const { random } = world;
  const stream = commandStream(random.whole(0, 1));
  const { lastSeq } = broker.bounds(stream);
  const keep = Math.max(0, lastSeq - random.whole(1, 20));
  if (keep === lastSeq) return;
  const applied = new Map(
    slotsOfStream(stream).flatMap((slot) => {
      const row = shards.map(({ database }) => database.slots.get(slot)).find((one) => one !== undefined);
      return row === undefined ? [] : [[slot, row.appliedSeq] as const];
    }),
  );
  const anew = random.chance(0.3);
  world.tell(`${stream} is back at ${anew ? 0 : keep} of ${lastSeq}`);
  broker.crash();
  broker.regress(stream, anew ? 0 : keep, anew ? `${stream}-anew` : undefined);
  regressions.push({ stream, keep: anew ? 0 : keep, applied });
  world.after(random.between(50, 1_000), () => broker.restart());
}

function heal(simulation: Simulation): void {
  const { world, broker, shards, cores } = simulation;
  world.tell("calm");
  simulation.crashAtCommit = undefined;
  if (!broker.server.isUp) broker.restart();
  for (const server of [broker.server, ...shards.map((shard) => shard.server)]) {
    server.isUp = true;
    server.lossiness = 0;
    server.latencyMs = { min: 0.2, max: 3 };
  }
  for (const { process } of cores) process.resume();
  if (living(simulation).length === 0) simulation.startCore();
}
