import { DurableObject } from "cloudflare:workers";

/** The least that a Durable Object can do with a socket: hibernatable, it sends back what it gets. */
export class Echo extends DurableObject {
  fetch() {
    const { 0: client, 1: server } = new WebSocketPair();
    this.ctx.acceptWebSocket(server);
    return new Response(null, { status: 101, webSocket: client });
  }
  webSocketMessage(socket, message) {
    socket.send(message);
  }
}

export default {
  fetch: (request, env) => env.ECHO.get(env.ECHO.idFromName("one")).fetch(request),
};
