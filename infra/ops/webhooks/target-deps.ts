import { addressPolicy } from "../../../core/orders/webhooks/public-address.ts";
import { systemResolve, type TargetDeps } from "../../../core/orders/webhooks/webhook-target.ts";

/** As the cores check their targets, with this environment's LASTCALL_WEBHOOK_ALLOW. */
export const targetDeps = (environment: NodeJS.ProcessEnv = process.env): TargetDeps => ({
  policy: addressPolicy(environment.LASTCALL_WEBHOOK_ALLOW ?? ""),
  resolve: systemResolve,
});
