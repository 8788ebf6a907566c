import { z } from 'zod';

/** What the measured process is told, as JSON in the environment variable `CRAWL_TASK`. */
export const crawlTask = z.object({
  /** `ours`: the product's own crawl. `floor`: a plain loop over the feed that keeps nothing. `report`: queries over a finished inventory. */
  kind: z.enum(['ours', 'floor', 'report']),
  graphUrl: z.string(),
  tenantId: z.string(),
  appId: z.string(),
  token: z.string(),
  storage: z.string(),
  driveIds: z.array(z.string()),
  /** Name of the reading: another one reads what changed since. */
  holder: z.string(),
  /** Two connections read the same drive as two drives. */
  connection: z.string(),
  /** Items of a page; the product's own size unless given. */
  pageSize: z.number().optional(),
});
export type CrawlTask = z.infer<typeof crawlTask>;

/** What it answers, as one line of JSON. */
export const crawlResult = z.object({
  ms: z.number(),
  items: z.number(),
  calls: z.number(),
  throttled: z.number(),
  /** Largest resident memory, MiB. */
  rss: z.number(),
  /** Bytes of the finished inventory. */
  bytes: z.number(),
  /** Milliseconds of each query, where it ran some. */
  queries: z.record(z.string(), z.number()),
});
export type CrawlResult = z.infer<typeof crawlResult>;
