import { commandGroup } from "../command-group.ts";
import { add } from "./webhooks/add.ts";
import { dead } from "./webhooks/dead.ts";
import { list } from "./webhooks/list.ts";
import { pause, resume } from "./webhooks/pause.ts";
import { redeliver } from "./webhooks/redeliver.ts";
import { remove } from "./webhooks/remove.ts";
import { test } from "./webhooks/test.ts";

export const webhooks = commandGroup(
  "webhooks",
  {
    summary: "HTTP endpoints that hear of orders: add, list, test, pause, resume, remove, dead, redeliver",
    about: `Order events are sent to endpoints as signed POSTs, at least once, in order within an auction. What an endpoint does not
take with a 2xx is tried again with growing pauses, and given up after LASTCALL_WEBHOOK_ATTEMPTS of the cores' (12, in most of
a day): then the auction's next event goes on. What receivers need to know is in core/orders/README.md.`,
  },
  { add, list, test, pause, resume, remove, dead, redeliver },
);
