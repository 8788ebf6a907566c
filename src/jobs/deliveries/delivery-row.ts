import { z } from 'zod';
import { deliveryDefinition } from '../../reports/deliver/index.ts';

/** `waiting` and `sending` come to an end by themselves; a `failed` one can be tried again by a person. */
export const deliveryStates = ['waiting', 'sending', 'delivered', 'failed'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/** One delivery of a run: table `runs`, partition = id of the run, row `delivery-000001`. Times are milliseconds since 1970. */
export const delivery = z.object({
  run: z.string(),
  /** From 1 on, as in the definition of the job. */
  number: z.number().int(),
  definition: deliveryDefinition,
  state: z.enum(deliveryStates),
  /** Tries that failed since it was started, or since a person started it again. */
  attempts: z.number().int(),
  /** Why the last try failed; kept while it waits for the next one. */
  error: z.object({ code: z.string(), message: z.string() }).optional(),
  /** When the next try is due; only while it waits. */
  nextTryAt: z.number().optional(),
  /** What arrived: one for each file, or one for all. */
  arrived: z.array(z.object({ name: z.string(), where: z.string(), webUrl: z.string().optional() })),
  /** Calls of Graph. */
  calls: z.number(),
  /** Resource units that they cost. */
  units: z.number().default(0),
  createdAt: z.number(),
  changedAt: z.number(),
  finishedAt: z.number().optional(),
  /** Grows with each unit of work: a message with another number is stale. */
  sequence: z.number().int(),
  /** Until then somebody works on it. */
  busyUntil: z.number(),
  notes: z.record(z.string(), z.string()),
});
export type Delivery = Readonly<z.infer<typeof delivery>>;

export function isDeliveryOver({ state }: Pick<Delivery, 'state'>): boolean {
  return state === 'delivered' || state === 'failed';
}
