import type { Shard } from "./connect.ts";

/** What an instance tells a shard with each beat: that it lives, which slots it holds, and how far their results are out. */
export interface Beat {
  readonly instanceId: string;
  readonly leaseMs: number;
  readonly held: readonly { readonly slot: number; readonly epoch: number; readonly publishedSeq: number }[];
}

export interface Pulse {
  /** Instances whose lease on this shard is good, this one included. */
  readonly instances: number;
  /** Slots that could be owned here: active and not halted. */
  readonly activeSlots: number;
  /** Of the held slots, those that are still held. */
  readonly renewed: ReadonlySet<number>;
  /** Slots out of service, whoever halted them, with the reason. */
  readonly halted: ReadonlyMap<number, string>;
}

/** Renews the instance and its slots on one shard, in one round trip. */
export async function heartbeat({ sql }: Shard, beat: Beat): Promise<Pulse> {
  const { instanceId, leaseMs, held } = beat;
  const [row] = await sql`
    with lease as (select now() + ${leaseMs} * interval '1 millisecond' as until),
    me as (
      insert into instances (instance_id, lease_until) select ${instanceId}, until from lease
      on conflict (instance_id) do update set lease_until = excluded.lease_until),
    gone as (delete from instances where lease_until < now() - interval '1 hour'),
    held as (
      select * from unnest(
        ${held.map((h) => h.slot)}::int[], ${held.map((h) => h.epoch)}::int8[], ${held.map((h) => h.publishedSeq)}::int8[]
      ) as h(slot, epoch, published_seq)),
    renewed as (
      update slots s set lease_until = (select until from lease), published_seq = greatest(s.published_seq, h.published_seq)
      from held h where s.slot = h.slot and s.epoch = h.epoch and s.role = 'active' and s.owner = ${instanceId}
      returning s.slot)
    select
      (select count(*) from instances where lease_until >= now() and instance_id <> ${instanceId}) + 1 as instances,
      (select count(*) from slots where role = 'active' and halted_reason is null) as active_slots,
      (select coalesce(array_agg(slot), '{}') from renewed) as renewed,
      (select coalesce(json_object_agg(slot, halted_reason), '{}')
        from slots where role = 'active' and halted_reason is not null) as halted`;
  const halted = (row?.["halted"] ?? {}) as Readonly<Record<string, string>>;
  return {
    instances: Number(row?.["instances"] ?? 1),
    activeSlots: Number(row?.["active_slots"] ?? 0),
    renewed: new Set((row?.["renewed"] as number[] | undefined) ?? []),
    halted: new Map(Object.entries(halted).map(([slot, reason]) => [Number(slot), reason])),
  };
}
