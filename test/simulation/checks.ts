import { checkDrained, checkHalt, checkMoves, checkRows, checkRules } from "./check-log.ts";
import { checkAnswers, checkOrderEvents, checkResults, checkSending } from "./check-told.ts";
import { type Finding, openSlot } from "./checked-slot.ts";
import { type Simulation, SLOTS } from "./simulation.ts";

/** Looks at everything a run has left; empty when every invariant held. */
export async function check(simulation: Simulation): Promise<Finding[]> {
  const findings: Finding[] = [];
  const found = (invariant: string, what: string): void => void findings.push({ invariant, what });
  for (let slot = 0; slot < SLOTS; slot++) {
    const checked = await openSlot(simulation, slot);
    checkHalt(simulation, slot, found);
    checkMoves(simulation, slot, found);
    checkDrained(simulation, checked, found);
    checkRows(checked, found);
    checkRules(simulation, checked, found);
    checkResults(simulation, checked, found);
    checkOrderEvents(simulation, checked, found);
    checkSending(simulation, checked, found);
  }
  checkAnswers(simulation, found);
  return findings;
}
