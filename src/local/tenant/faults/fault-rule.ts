import { z } from 'zod';

/** One fault: which exchanges it meets, and what then happens to them. */
export const faultRuleSchema = z.strictObject({
  listener: z.enum(['login', 'pages', 'graph', 'files', 'vault', 'control']).optional(),
  method: z.string().optional(),
  /** Glob on the decoded pathname: `*` stays inside a segment, `**` crosses segments. */
  path: z.string().optional(),
  /** Only the n-th matching exchange (1 is the first). */
  nth: z.int().positive().optional(),
  /** Each n-th matching exchange. */
  every: z.int().positive().optional(),
  probability: z.number().min(0).max(1).optional(),
  /** The rule ends after it has struck this often. */
  times: z.int().positive().optional(),
  // biome-ignore lint/suspicious/noThenProperty: a rule is never awaited, and its `then` is no function
  then: z.strictObject({
    status: z.int().min(200).max(599).optional(),
    /** Seconds, or an HTTP date; sent as it is. */
    retryAfter: z.union([z.number(), z.string()]).optional(),
    headers: z.record(z.string(), z.string()).optional(),
    body: z.unknown().optional(),
    delayMs: z.number().min(0).max(600_000).optional(),
    /** `before`: the connection breaks and nothing was done; `mid`: the work is done and half the answer arrives. */
    cut: z.enum(['before', 'mid']).optional(),
    /** The answer's body is cut short, so that it is no longer JSON. */
    wrongJson: z.boolean().optional(),
  }),
});

export type FaultRule = z.infer<typeof faultRuleSchema>;
