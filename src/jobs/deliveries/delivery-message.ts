import { z } from 'zod';

/** One unit of work on queue `deliveries`. */
export const deliveryMessage = z.strictObject({
  run: z.string(),
  number: z.number().int(),
  sequence: z.number().int(),
});
export type DeliveryMessage = z.infer<typeof deliveryMessage>;
