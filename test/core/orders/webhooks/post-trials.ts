/** Runs in a process of its own, on Bun or on Node: sends each request of its first argument and prints what came of them. */
import { addressPolicy } from "../../../../core/orders/webhooks/public-address.ts";
import { createWebhookPoster } from "../../../../core/orders/webhooks/post-webhook.ts";
import { resolveTarget } from "../../../../core/orders/webhooks/webhook-target.ts";
import { FORBIDDEN_HOSTS } from "./forbidden-hosts.ts";

export interface Trial {
  readonly url: string;
  /** What the name service says at each look, one after the other. */
  readonly answers: readonly string[];
  readonly allow: string;
  /** Sent one after the other; absent: once. */
  readonly times?: number;
}

export interface TrialOutcome {
  readonly status?: number;
  readonly retryAfter?: string;
  readonly error?: string;
  readonly looks: number;
  readonly tookMs: number;
}

export interface TrialReport {
  readonly outcomes: readonly TrialOutcome[];
  /** Of the forbidden hosts, those that were permitted. */
  readonly permitted: readonly string[];
}

/** Long for this machine talking to itself, even when it is busy. */
const TIMEOUT_MS = 1_500;

/** Between requests of one trial. */
const PAUSE_MS = 50;

const poster = createWebhookPoster();

async function run({ url, answers, allow, times = 1 }: Trial): Promise<TrialOutcome> {
  let looks = 0;
  const resolve = (): Promise<string[]> =>
    Promise.resolve([answers[Math.min(looks++, answers.length - 1)] ?? ""]);
  const startedMs = performance.now();
  const tookMs = (): number => Math.round(performance.now() - startedMs);
  try {
    const target = await resolveTarget({ resolve, policy: addressPolicy(allow) }, url);
    const { signal } = new AbortController();
    const message = { headers: { "webhook-id": "x" }, body: '{"ü":1}' };
    for (let i = 1; i < times; i++) {
      await poster.post(target, message, { timeoutMs: TIMEOUT_MS, signal });
      // Longer than a connection takes to come back for the next request.
      await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    }
    const answer = await poster.post(target, message, { timeoutMs: TIMEOUT_MS, signal });
    const { status, retryAfter } = answer;
    return { status, ...(retryAfter === undefined ? {} : { retryAfter }), looks, tookMs: tookMs() };
  } catch (error) {
    return { error: (error as Error).message, looks, tookMs: tookMs() };
  }
}

async function permittedHosts(): Promise<string[]> {
  const deps = { resolve: () => Promise.resolve([]), policy: addressPolicy("") };
  const permitted: string[] = [];
  for (const [, host] of FORBIDDEN_HOSTS) {
    await resolveTarget(deps, `https://${host}/`).then(
      () => permitted.push(host),
      () => {},
    );
  }
  return permitted;
}

const outcomes = await Promise.all((JSON.parse(process.argv[2] ?? "[]") as Trial[]).map(run));
const report: TrialReport = { outcomes, permitted: await permittedHosts() };
process.stdout.write(JSON.stringify(report));
process.exit(0);
