import { z } from 'zod';
import { blob } from './blob.ts';
import type { DeliveryKind } from './delivery.ts';
import { download } from './download.ts';
import { drive } from './drive.ts';
import { mail } from './mail.ts';
import { webhook } from './webhook.ts';

/** One delivery as a job's definition has it. */
export const deliveryDefinition = z.discriminatedUnion('kind', [
  drive.input,
  mail.input,
  blob.input,
  webhook.input,
  download.input,
]);
export type DeliveryDefinition = Readonly<z.output<typeof deliveryDefinition>>;

/** Every way to hand over reports. */
export const deliveryKinds: Readonly<Record<DeliveryDefinition['kind'], DeliveryKind>> = {
  drive,
  mail,
  blob,
  webhook,
  download,
};

/** The kind of a definition. */
export function deliveryKind({ kind }: Pick<DeliveryDefinition, 'kind'>): DeliveryKind {
  return deliveryKinds[kind];
}
