/** One JSON line per event on stderr, for people with `jq` and for whatever collects the container's output. */
export interface Log {
  info(msg: string, fields?: LogFields): void;
  warn(msg: string, fields?: LogFields): void;
  error(msg: string, fields?: LogFields): void;
}

export type LogFields = Readonly<Record<string, unknown>>;

type Level = "info" | "warn" | "error";

/** A chain of causes longer than this is a loop, or nobody reads it. */
const MAX_CAUSES = 5;

const toStderr = (line: string): void => {
  process.stderr.write(line);
};

/** A log whose every line carries `fields`. Errors among a line's fields come out with their stack and causes. */
export function createLog(fields: LogFields, write: (line: string) => void = toStderr): Log {
  const line = (level: Level, msg: string, extra: LogFields | undefined): void =>
    write(`${render({ time: new Date().toISOString(), level, msg, ...fields, ...extra })}\n`);
  return {
    info: (msg, extra) => line("info", msg, extra),
    warn: (msg, extra) => line("warn", msg, extra),
    error: (msg, extra) => line("error", msg, extra),
  };
}

/**
 * The same log for a place that may fail a thousand times a second: of each `msg` one line every `everyMs`, which says in
 * `repeats` how many were left out before it. `msg` must be one of a few constants; what varies goes into the fields.
 */
export function withoutRepeats(log: Log, everyMs: number, now: () => number = Date.now): Log {
  const seen = new Map<string, { untilMs: number; repeats: number }>();
  const once = (level: Level, msg: string, fields: LogFields | undefined): void => {
    const last = seen.get(msg);
    if (last !== undefined && now() < last.untilMs) {
      last.repeats++;
      return;
    }
    seen.set(msg, { untilMs: now() + everyMs, repeats: 0 });
    log[level](msg, last === undefined || last.repeats === 0 ? fields : { ...fields, repeats: last.repeats });
  };
  return {
    info: (msg, fields) => once("info", msg, fields),
    warn: (msg, fields) => once("warn", msg, fields),
    error: (msg, fields) => once("error", msg, fields),
  };
}

/** Never throws: a line that cannot be rendered says so, because logging must not break what it reports on. */
function render(entry: Record<string, unknown>): string {
  try {
    return JSON.stringify(entry, (_name, value: unknown) => {
      if (value instanceof Error) return renderError(value, MAX_CAUSES);
      return typeof value === "bigint" ? String(value) : value;
    });
  } catch (error) {
    return JSON.stringify({
      time: entry["time"],
      level: entry["level"],
      msg: entry["msg"],
      unrenderable: String(error),
    });
  }
}

function renderError(error: Error, causesLeft: number): object {
  const { name, message, stack, cause } = error;
  const code = "code" in error ? { code: error.code } : {};
  if (cause === undefined || causesLeft === 0) return { name, message, ...code, stack };
  return {
    name,
    message,
    ...code,
    stack,
    cause: cause instanceof Error ? renderError(cause, causesLeft - 1) : cause,
  };
}
