/** Run by Bun: 200 sockets × 5 messages in flight against an echo, two seconds of warm-up, five measured. */
const SOCKETS = 200;
const IN_FLIGHT = 5;
const WARM_UP_MS = 2_000;
const MEASURED_MS = 5_000;

const wait = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const frame = JSON.stringify({ type: "bid", key: crypto.randomUUID(), amount: 123_456 });
let echoes = 0;

const sockets = Array.from({ length: SOCKETS }, () => new WebSocket(`ws://127.0.0.1:${process.argv[2]}/`));
await Promise.all(
  sockets.map((socket) => new Promise((resolve) => socket.addEventListener("open", resolve, { once: true }))),
);
for (const socket of sockets) {
  socket.addEventListener("message", () => {
    echoes++;
    socket.send(frame);
  });
  for (let i = 0; i < IN_FLIGHT; i++) socket.send(frame);
}
await wait(WARM_UP_MS);
const before = echoes;
await wait(MEASURED_MS);
console.log(`bare echo: ${Math.round(((echoes - before) * 1_000) / MEASURED_MS)} messages/s`);
process.exit(0);
