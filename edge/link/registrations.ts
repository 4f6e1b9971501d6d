/** Which sleeping gateways listen to which auction, kept in the object's storage so that a restarted link finds them again. */
export interface Registrations {
  all(): { auctionId: string; gateway: string }[];
  add(auctionId: string, gateway: string): void;
  remove(auctionId: string, gateway: string): void;
}

export function createRegistrations(sql: SqlStorage): Registrations {
  sql.exec(
    `create table if not exists registrations (
       auction_id text not null, gateway text not null, primary key (auction_id, gateway)
     ) without rowid`,
  );
  const stored = new Set<string>();
  return {
    all: () =>
      sql
        .exec<{ auction_id: string; gateway: string }>("select auction_id, gateway from registrations")
        .toArray()
        .map((row) => {
          stored.add(row.gateway);
          return { auctionId: row.auction_id, gateway: row.gateway };
        }),
    add: (auctionId, gateway) => {
      if (stored.has(gateway)) return;
      stored.add(gateway);
      sql.exec("insert or ignore into registrations (auction_id, gateway) values (?, ?)", auctionId, gateway);
    },
    remove: (auctionId, gateway) => {
      if (!stored.delete(gateway)) return;
      sql.exec("delete from registrations where auction_id = ? and gateway = ?", auctionId, gateway);
    },
  };
}
