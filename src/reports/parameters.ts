import { z } from 'zod';
import { AppError } from '../errors.ts';
import type { Report } from './report.ts';

/** A parameter of a report, for forms and documentation. */
export interface Parameter {
  readonly name: string;
  readonly meaning: string;
  readonly default: unknown;
  /** Its JSON Schema. */
  readonly schema: Readonly<Record<string, unknown>>;
}

const objectSchema = z.object({
  properties: z.record(z.string(), z.looseObject({ description: z.string(), default: z.unknown() })),
});

/** The JSON Schema of all parameters. */
export function parametersSchema({ input }: Report): Record<string, unknown> {
  return z.toJSONSchema(input, { io: 'input' });
}

export function parametersOf(report: Report): Parameter[] {
  const { properties } = objectSchema.parse(parametersSchema(report));
  return Object.entries(properties).map(([name, schema]) => ({
    name,
    meaning: schema.description,
    default: schema.default,
    schema,
  }));
}

/** Throws `invalid_request` with `details.problems` = [{ path, message }]. */
export function parseParameters(report: Report, parameters: unknown): unknown {
  const parsed = report.input.safeParse(parameters ?? {});
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }));
  const first = problems[0];
  throw new AppError(
    'invalid_request',
    `The parameters of the report ${report.name} don't fit: ${first ? `${first.path} ${first.message}`.trim() : 'see its description'}.`,
    { details: { problems } },
  );
}

/** What a report was asked with, defaults included. */
export function describeParameters(report: Report, input: unknown) {
  const values = z.record(z.string(), z.unknown()).parse(input);
  return parametersOf(report).map(({ name, meaning }) => ({ name, meaning, value: text(values[name]) }));
}

function text(value: unknown): string {
  if (value === undefined || value === null) return '';
  if (Array.isArray(value)) return value.map(text).join(', ');
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
