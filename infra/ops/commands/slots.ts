import { commandGroup } from "../command-group.ts";
import type { OpsCommand } from "../ops-command.ts";
import { adoptStream } from "./slots/adopt-stream.ts";
import { list } from "./slots/list.ts";

const commands = { list, "adopt-stream": adoptStream };

const group = commandGroup(
  "slots",
  {
    summary: "who owns which slot, and how far it is: list, adopt-stream",
    about: `A slot is a fixed part of the auctions, sequenced by one core at a time. One whose log is not the one that it has applied
is halted, with the reason, until an operator acts; the others go on.`,
  },
  commands,
);

/** Alone it lists, as an operator in a hurry expects. */
export const slots: OpsCommand = {
  ...group,
  run: (args) => (args[0] === undefined || args[0].startsWith("-") ? list.run(args) : group.run(args)),
};
