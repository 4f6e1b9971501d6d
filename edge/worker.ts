import { createApp } from "./app.ts";
import { dependenciesFor } from "./dependencies.ts";
import type { Env } from "./env.ts";

export { AuctionGateway } from "./gateway/auction-gateway.ts";
export { BrokerLink } from "./link/broker-link.ts";

const app = createApp(dependenciesFor);

export default {
  fetch: (request, env, context) => app.fetch(request, env, context),
} satisfies ExportedHandler<Env>;
