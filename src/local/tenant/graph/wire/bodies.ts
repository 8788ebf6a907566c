import * as z from 'zod';
import type { Exchange } from '../../http/route.ts';
import { faults } from '../errors.ts';

export const conflictBehavior = z.enum(['fail', 'rename', 'replace']);

/** A time as clients send it, to epoch ms. */
export const dateTime = z.string().transform((value, check) => {
  const time = Date.parse(value);
  if (Number.isNaN(time)) check.addIssue(`not a date: ${value}`);
  return time;
});

export const fileSystemInfo = z.looseObject({
  createdDateTime: dateTime.optional(),
  lastModifiedDateTime: dateTime.optional(),
});

/** The JSON body of a request, or 400 in the words of the files workload. */
export function body<Shape extends z.ZodType>(exchange: Exchange, schema: Shape): z.output<Shape> {
  if (!/\bjson\b/i.test(exchange.headers['content-type'] ?? '')) {
    throw faults.badRequest(
      'Entity only allows writes with a JSON Content-Type header.',
      'invalidParameterFormat',
    );
  }
  return parse(exchange.json(), schema);
}

export function parse<Shape extends z.ZodType>(value: unknown, schema: Shape): z.output<Shape> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw faults.badRequest(`Invalid request: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim());
}
