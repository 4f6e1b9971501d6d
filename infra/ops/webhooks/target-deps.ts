import { addressPolicy } from "../../../core/orders/public-address.ts";
import { systemResolve, type TargetDeps } from "../../../core/orders/webhook-target.ts";

/** As the cores check their targets, with this environment's LASTCALL_WEBHOOK_ALLOW. */
export const targetDeps = (environment: NodeJS.ProcessEnv = process.env): TargetDeps => ({
  policy: addressPolicy(environment.LASTCALL_WEBHOOK_ALLOW ?? ""),
  resolve: systemResolve,
});
