import http from "node:http";
import https from "node:https";
import { isIP, type Socket } from "node:net";
import { CoreError } from "../../core-error.ts";
import { portOf, type WebhookTarget } from "./webhook-target.ts";

export interface WebhookMessage {
  readonly headers: Readonly<Record<string, string>>;
  /** JSON. */
  readonly body: string;
}

export interface WebhookAnswer {
  readonly status: number;
  readonly retryAfter: string | undefined;
}

export interface PostOptions {
  /** From the connection to the end of the answer. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
}

/** Sends webhooks, over connections that it keeps for a while. */
export interface WebhookPoster {
  /**
   * One POST to exactly the address that was checked: no name is looked up and no redirect followed. The certificate is
   * verified for the URL's host name. Rejects with a CoreError that says in a few words why there was no answer.
   */
  post(target: WebhookTarget, message: WebhookMessage, options: PostOptions): Promise<WebhookAnswer>;
  close(): void;
}

/** A receiver that is there accepts a connection within a round trip or two. */
const CONNECT_TIMEOUT_MS = 5_000;

/** Read so that a receiver can end its answer in peace, and thrown away: an answer's text is none of our business. */
const MAX_ANSWER_BYTES = 16_384;

/** What a receiver may make us hold of its headers. */
const MAX_HEADER_BYTES = 16_384;

/** Of one receiver, kept for the next event: with a handshake for each, an auction's events would take four times as long. */
const MAX_IDLE_CONNECTIONS = 8;

/** Shorter than servers commonly keep an idle connection, so that it is seldom they who end it. */
const IDLE_MS = 4_000;

export function createWebhookPoster(): WebhookPoster {
  const kept = { keepAlive: true, maxFreeSockets: MAX_IDLE_CONNECTIONS, timeout: IDLE_MS };
  // Both tell connections apart by address, port and the name that the certificate was verified for.
  const [plain, tls] = [new http.Agent(kept), new https.Agent(kept)];
  return {
    async post(target, message, options) {
      const agent = isTls(target) ? tls : plain;
      try {
        return await postOnce(target, message, { ...options, agent });
      } catch (error) {
        // A kept connection that the receiver had ended meanwhile says nothing about the receiver.
        if (!(error instanceof StaleConnectionError)) throw error;
        return postOnce(target, message, { ...options, agent: false });
      }
    },
    close() {
      for (const agent of [plain, tls]) agent.destroy();
    },
  };
}

class StaleConnectionError extends CoreError {}

type OnceOptions = PostOptions & { readonly agent: http.Agent | false };

function postOnce(
  target: WebhookTarget,
  { headers, body }: WebhookMessage,
  { timeoutMs, signal, agent }: OnceOptions,
): Promise<WebhookAnswer> {
  const bytes = Buffer.from(body);
  return new Promise((resolve, reject) => {
    const request = (isTls(target) ? https : http).request({
      ...addressed(target),
      agent,
      method: "POST",
      maxHeaderSize: MAX_HEADER_BYTES,
      headers: {
        ...headers,
        host: target.url.host,
        "content-type": "application/json",
        "content-length": bytes.length,
        "accept-encoding": "identity",
        "user-agent": "Lastcall-Webhooks/1",
      },
    });
    const giveUp = (why: string): void => void request.destroy(new CoreError(why, { retryable: true }));
    const abort = (): void => giveUp("stopped");
    const connectingMs = Math.min(CONNECT_TIMEOUT_MS, timeoutMs);
    const connecting = setTimeout(() => giveUp("no connection in time"), connectingMs);
    const whole = setTimeout(() => giveUp("no answer in time"), timeoutMs);
    signal.addEventListener("abort", abort, { once: true });
    const settle = (done: () => void): void => {
      clearTimeout(connecting);
      clearTimeout(whole);
      signal.removeEventListener("abort", abort);
      done();
    };
    request.once("socket", (socket: Socket) => {
      const connected = (): void => clearTimeout(connecting);
      if (socket.connecting) socket.once(isTls(target) ? "secureConnect" : "connect", connected);
      else connected();
    });
    request.on("error", (error) => settle(() => reject(failure(error, request.reusedSocket))));
    request.once("response", (response) => {
      clearTimeout(connecting);
      const { statusCode: status = 0 } = response;
      const retryAfter = response.headers["retry-after"];
      const answered = (): void => settle(() => resolve({ status, retryAfter }));
      let read = 0;
      response.on("data", (chunk: Buffer) => {
        read += chunk.length;
        if (read <= MAX_ANSWER_BYTES) return;
        answered();
        request.destroy();
      });
      response.once("end", answered);
      // The status line has said what became of it; how the rest ends changes nothing.
      response.once("error", answered);
    });
    if (signal.aborted) abort();
    request.end(bytes);
  });
}

const isTls = ({ url }: WebhookTarget): boolean => url.protocol === "https:";

/** The address in place of the name; the name only for its certificate. One for an address is checked by the address itself. */
function addressed({ url, address }: WebhookTarget): https.RequestOptions {
  const where = { host: address, port: portOf(url), path: url.pathname + url.search };
  const named = url.protocol === "https:" && isIP(url.hostname.replace(/^\[(.*)\]$/, "$1")) === 0;
  return named ? { ...where, servername: url.hostname } : where;
}

/** Codes only: messages of lower layers repeat addresses and certificates. */
function failure(error: Error, reused: boolean): CoreError {
  if (error instanceof CoreError) return error;
  const { code } = error as { code?: string };
  const options = { retryable: true, cause: error };
  if (reused) return new StaleConnectionError("the connection had ended", options);
  return new CoreError(code ?? "the connection broke", options);
}
