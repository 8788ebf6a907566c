import { z } from 'zod';
import { type AuditEvent, auditEventSchema } from './audit-event.ts';

/** What one instance decided within a moment. Much of it is alike, and is said once. */
export const auditGroupSchema = z.object({
  kinds: z.array(auditEventSchema.omit({ id: true, time: true, requestId: true })).min(1),
  /** Oldest first, all of one day: index of the kind, milliseconds since 1970, request id. */
  events: z.array(z.tuple([z.int().nonnegative(), z.number(), z.string()])).min(1),
});

export type AuditGroup = z.infer<typeof auditGroupSchema>;
type Kind = AuditGroup['kinds'][number];

/** An event on its way to a row. */
export interface Decided {
  readonly time: number;
  readonly requestId: string;
  readonly kind: Kind;
  /** The kind as JSON: equal texts are equal kinds. */
  readonly text: string;
}

/** The events as one row holds them. */
export function packEvents(events: readonly Decided[]): AuditGroup {
  const kinds: Kind[] = [];
  const places = new Map<string, number>();
  return {
    kinds,
    events: events.map(({ time, requestId, kind, text }) => {
      const place = places.get(text) ?? kinds.push(kind) - 1;
      places.set(text, place);
      return [place, time, requestId];
    }),
  };
}

/** The events of a row, oldest first. The id of an event is that of its row and its place in it. */
export function unpackEvents(group: AuditGroup, id: string): AuditEvent[] {
  return group.events.flatMap(([place, time, requestId], index) => {
    const kind = group.kinds[place];
    return kind ? [{ ...kind, id: `${id}.${index}`, time, requestId }] : [];
  });
}
