import { z } from 'zod';
import type { Connection } from '../broker/connection.ts';
import { AppError } from '../errors.ts';
import { catalogue } from '../reports/catalogue/index.ts';
import { deliveryKinds } from '../reports/deliver/index.ts';
import type { Report } from '../reports/report.ts';
import { type JobDefinition, jobDefinition } from './job.ts';
import { lackingPermissions, targetNeeds } from './lacking-permissions.ts';

/** What is wrong with a definition, and where: `parameters.top`, `deliveries.1.folder`. */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

/** Who saves a job. */
export interface JobOwner {
  readonly objectId: string;
  readonly administrator: boolean;
}

const loose = z.looseObject({
  report: z.unknown(),
  parameters: z.unknown(),
  connection: z.unknown(),
  target: z.looseObject({ kind: z.unknown() }).optional().catch(undefined),
  deliveries: z
    .array(z.looseObject({ kind: z.unknown() }))
    .optional()
    .catch(undefined),
});
type Loose = z.output<typeof loose>;

const mostProblems = 50;

/**
 * The definition that a person wrote, or `invalid_request` with `details.problems`: all of them at once, those of its shape and those of
 * its meaning (an unknown report, parameters that its report doesn't take, a connection that is not there, not theirs or lacks permissions).
 */
export async function checkDefinition(
  given: unknown,
  connections: { get(idOrAlias: string): Promise<Connection | undefined> },
  owner: JobOwner,
): Promise<JobDefinition> {
  const parsed = jobDefinition.safeParse(given);
  const seen = loose.safeParse(given);
  const problems = parsed.success ? [] : problemsOf(parsed.error.issues);
  if (seen.success) problems.push(...(await problemsOfMeaning(seen.data, connections, owner)));
  if (parsed.success && problems.length === 0) return parsed.data;
  const [first] = problems;
  throw new AppError(
    'invalid_request',
    `The job is not as expected: ${first ? `${first.path} ${first.message}`.trim() : 'it must be an object'}${problems.length > 1 ? `, and ${problems.length - 1} more` : ''}.`,
    { details: { problems: problems.slice(0, mostProblems) } },
  );
}

async function problemsOfMeaning(
  given: Loose,
  connections: { get(idOrAlias: string): Promise<Connection | undefined> },
  owner: JobOwner,
): Promise<Problem[]> {
  const problems: Problem[] = [];
  const report = typeof given.report === 'string' ? reportOf(given.report) : undefined;
  if (typeof given.report === 'string' && !report) {
    problems.push({ path: 'report', message: `is none of ${Object.keys(catalogue).join(', ')}` });
  }
  if (report) {
    const parameters = report.input.safeParse(given.parameters ?? {});
    if (!parameters.success) problems.push(...problemsOf(parameters.error.issues, ['parameters']));
  }
  if (typeof given.connection === 'string' && given.connection !== '') {
    const connection = await connections.get(given.connection);
    if (!connection || !mayUse(connection, owner)) {
      const message = connection ? 'belongs to another person' : 'names no connection';
      problems.push({ path: 'connection', message });
    } else problems.push(...problemsOfPermissions(given, report, connection));
  }
  return problems;
}

/** An administrator may act as every connection, as policies let them; others as themselves. */
function mayUse(connection: Connection, { objectId, administrator }: JobOwner): boolean {
  return administrator || (connection.kind === 'user' && connection.objectId === objectId);
}

function problemsOfPermissions(
  { target, deliveries }: Loose,
  report: Report | undefined,
  connection: Connection,
): Problem[] {
  const kinds = Object.entries(targetNeeds);
  const kind = kinds.find(([name]) => name === target?.kind)?.[0] as keyof typeof targetNeeds | undefined;
  const lacks = (needs: readonly string[], what: string): Problem[] =>
    lackingPermissions(needs, connection, kind).map((permission) => ({
      path: 'connection',
      message: `lacks the permission ${permission}, which ${what} needs`,
    }));
  return [
    ...lacks(report?.needs ?? [], `the report ${report?.name}`),
    ...(kind ? lacks(targetNeeds[kind], `the target ${kind}`) : []),
    ...(deliveries ?? []).flatMap((each) =>
      typeof each.kind === 'string' && Object.hasOwn(deliveryKinds, each.kind)
        ? lacks(deliveryKinds[each.kind as keyof typeof deliveryKinds].needs, `the delivery ${each.kind}`)
        : [],
    ),
  ].filter((one, index, all) => all.findIndex((other) => sameLack(one, other)) === index);
}

/** A permission is named once, with the first thing that needs it. */
function sameLack(one: Problem, other: Problem): boolean {
  return one.message.split(',')[0] === other.message.split(',')[0];
}

export function reportOf(name: string): Report | undefined {
  return Object.hasOwn(catalogue, name) ? catalogue[name] : undefined;
}

/** One line for each thing that is wrong; each member that is unknown is one. */
function problemsOf(issues: readonly z.core.$ZodIssue[], above: readonly string[] = []): Problem[] {
  return issues.flatMap((issue) => {
    const path = [...above, ...issue.path.map(String)];
    if (issue.code !== 'unrecognized_keys') return [{ path: path.join('.'), message: issue.message }];
    return issue.keys.map((key) => ({ path: [...path, key].join('.'), message: 'is not known here' }));
  });
}
