/** What server-sent events on an auction have brought, as raw text. */
export interface EventStream {
  text(): string;
  stop(): Promise<void>;
}

/** Follows an auction as a browser's `EventSource` does. */
export async function followEvents(edgeUrl: string, auctionId: string, since = 0): Promise<EventStream> {
  const stopping = new AbortController();
  const response = await fetch(`${edgeUrl}/v1/auctions/${auctionId}/live?since=${since}`, {
    headers: { accept: "text/event-stream" },
    signal: stopping.signal,
  });
  if (response.status !== 200) throw new Error(`server-sent events answered ${response.status}`);
  let text = "";
  const read = async (): Promise<void> => {
    for await (const chunk of response.body ?? []) text += Buffer.from(chunk).toString("utf8");
  };
  const reading = read().catch((error: unknown) => {
    if (!stopping.signal.aborted) throw error;
  });
  return {
    text: () => text,
    async stop() {
      stopping.abort();
      await reading;
    },
  };
}
