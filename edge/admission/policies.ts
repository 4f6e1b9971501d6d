import * as z from "zod";

const bucketSchema = z.strictObject({ ratePerSecond: z.number().positive(), burst: z.number().min(1) });

const policiesSchema = z.strictObject({
  bid: z.strictObject({ user: bucketSchema, ip: bucketSchema, auction: bucketSchema }).partial().optional(),
  create: z.strictObject({ user: bucketSchema, ip: bucketSchema }).partial().optional(),
  manage: z.strictObject({ user: bucketSchema, ip: bucketSchema }).partial().optional(),
  read: z.strictObject({ ip: bucketSchema }).partial().optional(),
});

export interface BucketPolicy {
  ratePerSecond: number;
  burst: number;
}

export interface Policies {
  bid: { user: BucketPolicy; ip: BucketPolicy; auction: BucketPolicy };
  create: { user: BucketPolicy; ip: BucketPolicy };
  manage: { user: BucketPolicy; ip: BucketPolicy };
  read: { ip: BucketPolicy };
}

/**
 * A person clicks a few times a second and an eager script ten; an office or a carrier's NAT holds hundreds of
 * bidders behind one address; one auction may take what a gateway's objects can carry. A shop settles the orders of a whole drop through one account.
 */
export const defaultPolicies: Policies = {
  bid: {
    user: { ratePerSecond: 20, burst: 60 },
    ip: { ratePerSecond: 2_000, burst: 6_000 },
    auction: { ratePerSecond: 20_000, burst: 60_000 },
  },
  create: { user: { ratePerSecond: 20, burst: 200 }, ip: { ratePerSecond: 200, burst: 2_000 } },
  manage: { user: { ratePerSecond: 50, burst: 500 }, ip: { ratePerSecond: 200, burst: 2_000 } },
  read: { ip: { ratePerSecond: 2_000, burst: 6_000 } },
};

/** The defaults, with what the `RATE_LIMITS` variable says instead. */
export function policiesFrom(json: string | undefined): Policies {
  if (json === undefined || json === "") return defaultPolicies;
  const given = policiesSchema.parse(JSON.parse(json));
  const { bid, create, manage, read } = defaultPolicies;
  return {
    bid: {
      user: given.bid?.user ?? bid.user,
      ip: given.bid?.ip ?? bid.ip,
      auction: given.bid?.auction ?? bid.auction,
    },
    create: { user: given.create?.user ?? create.user, ip: given.create?.ip ?? create.ip },
    manage: { user: given.manage?.user ?? manage.user, ip: given.manage?.ip ?? manage.ip },
    read: { ip: given.read?.ip ?? read.ip },
  };
}
