/** `npm run ops`: what operators do to a cluster. Each command is a file in `commands/` and a line in the map of `run-ops.ts`. */
import { runOps } from "./run-ops.ts";

if (!(await runOps(process.argv.slice(2)))) process.exitCode = 1;
