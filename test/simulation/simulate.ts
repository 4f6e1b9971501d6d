import { slotOf } from "../../shared/slots.ts";
import { commandStream, RESULTS_STREAM } from "../../shared/subjects.ts";
import { type Result, resultSchema } from "../../shared/results.ts";
import { createCrowd } from "./bidder.ts";
import { createBrokerClient } from "./broker-client.ts";
import { createBroker } from "./broker.ts";
import { NO_BUG, type PlantedBug } from "./bugs.ts";
import { startCore } from "./core-instance.ts";
import { createDatabase } from "./database.ts";
import { decidedOutcome } from "./decided-outcome.ts";
import { chooseFaults, FAULTS_MS } from "./faults.ts";
import { createGateway, type Gateway } from "./gateway.ts";
import { newServer } from "./network.ts";
import { createProcess } from "./process.ts";
import { isHalted, SHARDS, type SimulatedShard, type Simulation, SLOTS, STREAMS } from "./simulation.ts";
import { createStoreClient } from "./store-client.ts";
import { chooseLots } from "./workload.ts";
import { createWorld, type World, WORLD_START_MS } from "./world.ts";

const BIDDERS = 6;

/** Calm after the last fault within which everything must be decided and told (I14). */
const CALM_MS = 10_000;

/** After this even the most unlucky bidder has asked often enough to have an answer. */
const PATIENCE_MS = 40_000;

/** Runs a seed: half a minute of bidding on a cluster to which everything happens, then calm. */
export async function simulate(seed: number, bug: PlantedBug = NO_BUG): Promise<Simulation> {
  const simulation = createSimulation(seed, bug);
  const { world, crowd } = simulation;
  const faults = chooseFaults(simulation);
  await world.run(WORLD_START_MS + FAULTS_MS);
  faults.end();
  crowd.calmDown();
  const calmFromMs = world.nowMs;
  await world.run(calmFromMs + CALM_MS);
  const told = (): boolean => simulation.unanswered().length === 0;
  if (!told()) await world.run(calmFromMs + PATIENCE_MS, told);
  return simulation;
}

function createSimulation(seed: number, bug: PlantedBug): Simulation {
  const world = createWorld(seed);
  const { random } = world;
  const broker = createBroker(world);
  for (const name of [commandStream(0), commandStream(1), RESULTS_STREAM, "ORDERS"]) broker.addStream(name);
  const shards = Array.from({ length: SHARDS }, (_, number) => createShard(world, number));
  const lots = chooseLots(random);
  const gateways = new Map<string, Gateway>();
  const results: Result[] = [];
  const cacheBytes = random.chance(0.3) ? 8_192 : 1_048_576;
  let born = 0;

  const gatewayOf = (auctionId: string): Gateway => {
    const living = gateways.get(auctionId);
    if (living !== undefined) return living;
    const gateway = createGateway({
      world,
      broker,
      auctionId,
      slots: SLOTS,
      streams: STREAMS,
      incarnation: `gw-${++born}`,
      outcomeOf: (id, command) => decidedOutcome(shards, id, command),
      onOutcome: (outcome) => crowd.told(outcome, auctionId),
    });
    gateways.set(auctionId, gateway);
    return gateway;
  };
  const crowd = createCrowd({ world, lots, bidders: BIDDERS, gatewayOf });

  const simulation: Simulation = {
    seed,
    world,
    broker,
    shards,
    cores: [],
    lots,
    crowd,
    results,
    gateways,
    regressions: [],
    crashAtCommit: undefined,
    unanswered: () =>
      crowd.asked.filter(
        ({ settled, auctionId }) => !settled && !isHalted(simulation, slotOf(auctionId, SLOTS)),
      ),
    startCore() {
      const process = createProcess(world, `core-${++born}`);
      const client = createBrokerClient({ world, broker, process, streams: STREAMS });
      const onCommit = (at: "sent" | "done"): void => {
        if (simulation.crashAtCommit?.at !== at) return;
        simulation.crashAtCommit = undefined;
        world.tell(`${process.name} dies with a commit ${at}`);
        process.kill();
      };
      const stores = shards.map(({ database, server }) =>
        createStoreClient(
          { world, process, database, server, onCommit: (_, at) => onCommit(at) },
          bug.statements(database),
        ),
      );
      const commands = bug.log(client.commands, process);
      simulation.cores.push(
        startCore({ world, process, client, commands, stores, streams: STREAMS, cacheBytes }),
      );
    },
    replaceGateway(auctionId) {
      gateways.get(auctionId)?.process.kill();
      gateways.delete(auctionId);
      crowd.reconnect(auctionId);
    },
  };
  forwardResults(simulation, results);
  simulation.startCore();
  simulation.startCore();
  if (random.chance(0.4)) simulation.startCore();
  return simulation;
}

function createShard(world: World, number: number): SimulatedShard {
  const shard: SimulatedShard = {
    server: newServer(`shard ${number}`),
    skewMs: world.random.between(-200, 200),
    database: createDatabase(number, {
      slots: Array.from({ length: SLOTS }, (_, slot) => slot).filter((slot) => slot % SHARDS === number),
      now: () => world.nowMs + shard.skewMs,
    }),
  };
  return shard;
}

/** Links: each result that the broker takes goes to its auction's gateway, late, twice or, now and then, not at all. */
function forwardResults({ world, broker, gateways }: Simulation, results: Result[]): void {
  const { random } = world;
  const arrivesAtMs = new Map<string, number>();
  broker.listeners.add({
    stored({ name }, { data }) {
      if (name !== RESULTS_STREAM) return;
      const result = resultSchema.parse(JSON.parse(new TextDecoder().decode(data)));
      results.push(result);
      if (random.chance(0.02)) return;
      const { auctionId } = result;
      const forward = (ms: number): void =>
        world.after(ms, () => {
          const gateway = gateways.get(auctionId);
          gateway?.process.deliver(() => gateway.receive(result));
        });
      const atMs = Math.max(arrivesAtMs.get(auctionId) ?? 0, world.nowMs + random.between(0.3, 6));
      arrivesAtMs.set(auctionId, atMs);
      forward(atMs - world.nowMs);
      if (random.chance(0.05)) forward(atMs - world.nowMs + random.between(0, 2_000));
    },
  });
}
