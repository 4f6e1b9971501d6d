/**
 * The parts of a commit's one statement, so that it is one transaction in one round trip. Positions are locked first, in
 * slot order; when one of them is no longer ours, no part of it writes, and the answer lists the slots that would have
 * passed. A commit has only the parts that it has something for: each one more costs a quiet auction's bid its share.
 *
 * Columns travel as one array or one newline-joined text each: no value holds a raw newline (ids by their pattern,
 * JSON by its escapes), and Postgres splits them faster than it parses escaped array literals. `?` is the part's next parameter.
 */
const PARTS = {
  moves: `with moves as (
  select slot, epoch, expected_seq, applied_seq, applied_at, coalesce(applied_id, '') as applied_id,
    coalesce(stream_id, '') as stream_id, published_seq
  from unnest(?::int[], ?::int8[], ?::int8[], ?::int8[], ?::int8[], string_to_array(?, E'\\n'),
    string_to_array(?, E'\\n'), ?::int8[])
    as m(slot, epoch, expected_seq, applied_seq, applied_at, applied_id, stream_id, published_seq)),
held as materialized (
  select s.slot from slots s join moves m on s.slot = m.slot
  where s.role = 'active' and s.epoch = m.epoch and s.applied_seq = m.expected_seq
  order by s.slot for update of s),
verdict as materialized (select count(*) = cardinality($1::int[]) as ok from held),
moved as (
  update slots s set applied_seq = m.applied_seq, applied_at = m.applied_at, applied_id = m.applied_id,
    stream_id = m.stream_id, published_seq = greatest(s.published_seq, m.published_seq),
    lease_until = now() + ?::int8 * interval '1 millisecond'
  from moves m where s.slot = m.slot and (select ok from verdict))`,
  logged: `logged as (
  insert into decision_log (month, slot, auction_id, seq, at, from_version, to_version, envelope_id, origin,
    fingerprints, record, chain)
  select month, slot, auction_id, seq, at, from_version, to_version, coalesce(envelope_id, ''), coalesce(origin, ''),
    decode(coalesce(fingerprints, ''), 'hex'), record, chain
  from unnest(?::int[], ?::int[], string_to_array(?, E'\\n'), ?::int8[], ?::int8[], ?::int8[], ?::int8[],
    string_to_array(?, E'\\n'), string_to_array(?, E'\\n'), string_to_array(?, E'\\n'), string_to_array(?, E'\\n'),
    string_to_array(?, E'\\n'))
    as l(month, slot, auction_id, seq, at, from_version, to_version, envelope_id, origin, fingerprints, record, chain)
  where (select ok from verdict))`,
  listed: `listed as (
  insert into auctions as a (auction_id, slot, month, format, status, version, seller_id, currency, price, bid_count,
    leader_id, created_at, ends_at, next_deadline, seq, at, chain, state)
  select auction_id, slot, month, format, status, version, seller_id, currency, price, bid_count, leader_id, created_at,
    ends_at, next_deadline, seq, at, chain, state
  from json_to_recordset(?::text::json) as r(auction_id text, slot int, month int, format text, status text, version int8,
    seller_id text, currency text, price int8, bid_count int8, leader_id text, created_at int8, ends_at int8,
    next_deadline int8, seq int8, at int8, chain text, state json)
  where (select ok from verdict)
  on conflict (auction_id) do update set status = excluded.status, version = excluded.version, price = excluded.price,
    bid_count = excluded.bid_count, leader_id = excluded.leader_id, ends_at = excluded.ends_at,
    next_deadline = excluded.next_deadline, seq = excluded.seq, at = excluded.at, chain = excluded.chain,
    state = excluded.state)`,
  standing: `standing as (
  insert into bidders as b (auction_id, bidder_id, slot, blocked, max_amount, floor_amount, reached_version, reached_at, units,
    waiting, bid_at)
  select auction_id, bidder_id, slot, blocked = 1, max_amount, floor_amount, reached_version, reached_at, units,
    coalesce(waiting, ''), bid_at
  from unnest(string_to_array(?, E'\\n'), string_to_array(?, E'\\n'), ?::int[], ?::int[], ?::int8[], ?::int8[],
    ?::int8[], ?::int8[], ?::int[], string_to_array(?, E'\\n'), ?::int8[])
    as r(auction_id, bidder_id, slot, blocked, max_amount, floor_amount, reached_version, reached_at, units, waiting, bid_at)
  where (select ok from verdict)
  on conflict (auction_id, bidder_id) do update set blocked = excluded.blocked, max_amount = excluded.max_amount,
    floor_amount = excluded.floor_amount, reached_version = excluded.reached_version, reached_at = excluded.reached_at,
    units = excluded.units, waiting = excluded.waiting, bid_at = excluded.bid_at)`,
  ordered: `ordered as (
  insert into orders as o (auction_id, number, slot, bidder_id, quantity, unit_price, source, status, created_at, updated_at,
    expires_at)
  select auction_id, number, slot, bidder_id, quantity, unit_price, source, status, created_at, updated_at, expires_at
  from json_to_recordset(?::text::json) as r(auction_id text, number int, slot int, bidder_id text, quantity int,
    unit_price int8, source text, status text, created_at int8, updated_at int8, expires_at int8)
  where (select ok from verdict)
  on conflict (auction_id, number) do update set status = excluded.status, updated_at = excluded.updated_at)`,
  told: `told as (
  insert into outbox (event_id, slot, seq, place, auction_id, payload)
  select event_id, slot, seq, place, auction_id, payload
  from json_to_recordset(?::text::json) as r(event_id text, slot int, seq int8, place int, auction_id text, payload json)
  where (select ok from verdict))`,
  parked: `parked as (
  insert into dead_letters (slot, seq, subject, at, reason, detail, payload)
  select slot, seq, subject, at, reason, detail, decode(payload, 'hex')
  from json_to_recordset(?::text::json) as r(slot int, seq int8, subject text, at int8, reason text, detail text, payload text)
  where (select ok from verdict)
  on conflict do nothing)`,
} as const;

const ANSWER = `
select (select ok from verdict) as ok, coalesce((select array_agg(slot) from held), '{}') as held`;

export type PartName = keyof typeof PARTS;

const statements = new Map<string, string>();

/** The statement of these parts, `moves` first; its parameters are those of the parts, in their order. */
export function commitStatement(parts: readonly PartName[]): string {
  const key = parts.join();
  let statement = statements.get(key);
  if (statement === undefined) {
    let parameters = 0;
    const text = parts.map((name) => PARTS[name]).join(",\n") + ANSWER;
    statement = text.replaceAll("?", () => `$${++parameters}`);
    statements.set(key, statement);
  }
  return statement;
}
