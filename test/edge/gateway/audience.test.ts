import { expect, test } from "vitest";
import { Audience } from "../../../edge/gateway/audience.ts";
import { outcomeAt } from "../builders.ts";

/** An audience that has just woken up, with one socket of bob's. */
function awakened() {
  const heard: unknown[] = [];
  const socket = {
    readyState: WebSocket.OPEN,
    deserializeAttachment: () => ({ bidder: "bob", mayBid: true, ip: "1.2.3.4", sent: 3 }),
    send: (frame: string) => heard.push(JSON.parse(frame)),
  };
  const sockets = (tag?: string) => (tag === undefined || tag === "bob" ? [socket] : []);
  const ctx = { getWebSockets: sockets } as unknown as DurableObjectState;
  return { audience: new Audience(ctx), heard };
}

test("a bid that an earlier incarnation sent is answered on its bidder's sockets (I1)", () => {
  const { audience, heard } = awakened();
  audience.tellBidder(outcomeAt(0));
  audience.tellBidder(outcomeAt(1, { actorId: "alice" }));
  expect(heard).toMatchObject([{ type: "outcome", key: "key-0" }]);
});

test("what came over HTTP is no socket's business", () => {
  const { audience, heard } = awakened();
  audience.tellBidder(outcomeAt(0, { kind: "manage" }));
  audience.tellBidder(outcomeAt(0, { kind: "create" }));
  expect(heard).toEqual([]);
});

test("after a sleep the versions that its sockets were told are known again (I8)", () => {
  expect(awakened().audience.oldestSent()).toBe(3);
});
