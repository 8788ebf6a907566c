import { z } from 'zod';
import type { Connection } from '../broker/connection.ts';
import { AppError } from '../errors.ts';
import { catalogue } from '../reports/catalogue/index.ts';
import { deliveryDefinition, deliveryKind } from '../reports/deliver/index.ts';
import { jobTarget } from '../reports/gather/target.ts';
import { type Report, viewsOf } from '../reports/report.ts';
import { type JobDefinition, jobDefinition } from './job.ts';
import { isHelpfulOnly, lackingPermissions, targetNeeds } from './lacking-permissions.ts';

/** What is wrong with a definition, and where: `parameters.top`, `deliveries.1.folder`. */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

/** Who saves a job. */
export interface JobOwner {
  readonly objectId: string;
  readonly administrator: boolean;
  /** Id of the connection that came with their sign-in. */
  readonly connectionId?: string;
}

const loose = z.looseObject({
  report: z.unknown(),
  parameters: z.unknown(),
  connection: z.unknown(),
  target: z.unknown(),
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
    const problem = parameters.success ? await report.problem?.(parameters.data) : undefined;
    if (problem) problems.push({ path: `parameters.${problem.path}`, message: problem.message });
  }
  if (typeof given.connection === 'string' && given.connection !== '') {
    const connection = await connections.get(given.connection);
    // Another person's connection is as absent as one that never was.
    if (!connection || !mayUse(connection, owner)) {
      const message = owner.administrator ? 'names no connection' : 'names no connection of yours';
      problems.push({ path: 'connection', message });
    } else problems.push(...problemsOfConnection(given, report, connection));
  }
  if (!owner.administrator) problems.push(...problemsOfPeople(given, report));
  return problems;
}

/** An administrator may act as every connection, as policies let them; others as those that are theirs. */
function mayUse({ id, kind, createdBy }: Connection, owner: JobOwner): boolean {
  return (
    owner.administrator || id === owner.connectionId || (kind === 'user' && createdBy === owner.objectId)
  );
}

const ofInstallation: ReadonlySet<string> = new Set(['subscriptions', 'rules', 'budgets']);

/** What tells of the installation, or uses what is the installation's, is for its administrators. */
function problemsOfPeople({ deliveries, parameters }: Loose, report: Report | undefined): Problem[] {
  const input = report?.input.safeParse(parameters ?? {});
  const views = report && input?.success ? viewsOf(report, input.data) : (report?.reads ?? []);
  const message = 'is for administrators of this installation';
  return [
    ...(views.some((view) => ofInstallation.has(view)) ? [{ path: 'report', message }] : []),
    ...(deliveries ?? []).flatMap(({ kind }, index) =>
      kind === 'blob' || kind === 'webhook' ? [{ path: `deliveries.${index}.kind`, message }] : [],
    ),
  ];
}

/** What the connection may not do, and deliveries that can't work with one of its kind. */
function problemsOfConnection(
  { target, deliveries = [] }: Loose,
  report: Report | undefined,
  connection: Connection,
): Problem[] {
  const kind = jobTarget.safeParse(target).data?.kind;
  const asked = deliveries.map((each) => deliveryDefinition.safeParse(each).data);
  const needs: (readonly [string, string])[] = [
    ...(report?.needs ?? []).map((need) => [need, `the report ${report?.name}`] as const),
    ...(kind ? targetNeeds[kind] : []).map((need) => [need, `the target ${kind}`] as const),
    ...asked.flatMap((each) =>
      (each ? deliveryKind(each).needs : []).map((need) => [need, `the delivery ${each?.kind}`] as const),
    ),
  ];
  const all = needs.map(([need]) => need);
  return [
    ...lackingPermissions(all, connection, kind)
      .filter((permission) => !isHelpfulOnly(permission))
      .map((permission) => ({
        path: 'connection',
        message: `lacks the permission ${permission}, which ${needs.find(([need]) => need === permission)?.[1]} needs`,
      })),
    ...asked.flatMap((each, index) => {
      const problem = each && deliveryKind(each).problem?.(each, connection);
      return problem ? [{ path: `deliveries.${index}.${problem.path}`, message: problem.message }] : [];
    }),
  ];
}

/** What a saved job works without, and tells less for it. */
export function warningsOf({ report, target }: JobDefinition, connection: Connection): Problem[] {
  return lackingPermissions(reportOf(report)?.needs ?? [], connection, target.kind)
    .filter(isHelpfulOnly)
    .map((permission) => ({
      path: 'connection',
      message: `lacks the permission ${permission}: the report is made, and may not see everything`,
    }));
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
