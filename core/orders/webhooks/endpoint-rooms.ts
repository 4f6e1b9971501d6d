/** How many deliveries may be on their way to each endpoint now. Remembered only here: a restart begins full of trust. */
export interface EndpointRooms {
  /** Of endpoints that have room for fewer than `MOST_PER_ENDPOINT`, for how many they have. */
  fewer(nowMs: number): Map<string, number>;
  /** Takes a place; false when there is none. */
  enter(endpointId: string, nowMs: number): boolean;
  /** Gives it back, and says what came of it; undefined: nothing can be said. */
  leave(endpointId: string, outcome: { succeeded: boolean; nowMs: number } | undefined): void;
}

/** Enough for a receiver a hundred milliseconds away to get eighty a second, few enough not to be an attack on a small one. */
export const MOST_PER_ENDPOINT = 8;

/** Of `firstBackoffMs`: an endpoint that fails rests for a tenth of it first, and for no more than the double. */
const FIRST_REST = 0.1;
const LONGEST_REST = 2;

interface Room {
  inside: number;
  limit: number;
  failures: number;
  restUntilMs: number;
}

/**
 * An endpoint that fails is tried with one delivery at a time, and with a growing pause between, whichever auction's turn it
 * is: it neither holds the places that others need, nor is it flooded while it is down. Each success doubles its room again.
 */
export function createEndpointRooms(firstBackoffMs: number): EndpointRooms {
  const rooms = new Map<string, Room>();
  const roomOf = (endpointId: string): Room => {
    const room = rooms.get(endpointId) ?? {
      inside: 0,
      limit: MOST_PER_ENDPOINT,
      failures: 0,
      restUntilMs: 0,
    };
    rooms.set(endpointId, room);
    return room;
  };
  const free = ({ inside, limit, restUntilMs }: Room, nowMs: number): number =>
    nowMs < restUntilMs ? 0 : Math.max(0, limit - inside);
  const fail = (room: Room, nowMs: number): void => {
    room.limit = 1;
    // What was on its way together fails together: that is one failure.
    if (nowMs < room.restUntilMs) return;
    const rest = firstBackoffMs * Math.min(FIRST_REST * 2 ** room.failures++, LONGEST_REST);
    room.restUntilMs = nowMs + rest;
  };
  return {
    fewer(nowMs) {
      const all = Array.from(rooms, ([endpointId, room]) => [endpointId, free(room, nowMs)] as const);
      return new Map(all.filter(([, room]) => room < MOST_PER_ENDPOINT));
    },
    enter(endpointId, nowMs) {
      const room = roomOf(endpointId);
      if (free(room, nowMs) === 0) return false;
      room.inside++;
      return true;
    },
    leave(endpointId, outcome) {
      const room = roomOf(endpointId);
      room.inside--;
      if (outcome?.succeeded === true) {
        room.limit = Math.min(room.limit * 2, MOST_PER_ENDPOINT);
        room.failures = 0;
        room.restUntilMs = 0;
      } else if (outcome !== undefined) fail(room, outcome.nowMs);
      const asNew = room.inside === 0 && room.failures === 0 && room.limit === MOST_PER_ENDPOINT;
      if (asNew) rooms.delete(endpointId);
    },
  };
}
