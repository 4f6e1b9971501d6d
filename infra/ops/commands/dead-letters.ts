import { commandGroup } from "../command-group.ts";
import { discard } from "./dead-letters/discard.ts";
import { list } from "./dead-letters/list.ts";
import { replay } from "./dead-letters/replay.ts";
import { show } from "./dead-letters/show.ts";

export const deadLetters = commandGroup(
  "dead-letters",
  {
    summary: "messages that could not be decided or stored: list, show, replay, discard",
    about: `A message that cannot be read, that makes deciding fail, or that Postgres refuses stops nothing: it is parked with the
reason, and its slot goes on. A letter is named by its place in the log, <slot>:<seq>. Reasons:

  unreadable_envelope  the message is no envelope
  unreadable_command   a command of it cannot be read; the others were decided
  undecidable_command  deciding a command failed and changed nothing; the others were decided
  refused_by_postgres  Postgres refuses what the commands that the detail names would store: they were refused, the others
                       decided; where nothing of the message could be stored, none of it was decided

Of a message longer than 256 KB the beginning is kept; the log has all of it.`,
  },
  { list, show, replay, discard },
);
