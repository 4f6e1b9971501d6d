/** Who listens to which auction, kept in the object's storage so that a restarted link finds its listeners again. */
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
  return {
    all: () =>
      sql
        .exec<{ auction_id: string; gateway: string }>("select auction_id, gateway from registrations")
        .toArray()
        .map((row) => ({ auctionId: row.auction_id, gateway: row.gateway })),
    add: (auctionId, gateway) => {
      sql.exec("insert or ignore into registrations (auction_id, gateway) values (?, ?)", auctionId, gateway);
    },
    remove: (auctionId, gateway) => {
      sql.exec("delete from registrations where auction_id = ? and gateway = ?", auctionId, gateway);
    },
  };
}
