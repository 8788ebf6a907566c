import { signInPath } from '../broker/sign-in-link.ts';
import type { Overview, Warning } from './overview.ts';

/** A job that is this late was not started: the timer ticks each minute. */
const lateAfter = 5 * 60_000;

/** What needs a person now, most urgent first: one line for each thing, not for each of its failures. */
export function attention(overview: Overview, now: number, ownConnectionId?: string): Warning[] {
  return [
    ...overview.warnings,
    ...overview.connections.flatMap((connection) => connectionWarning(connection, ownConnectionId)),
    ...overview.jobs.flatMap((job) => jobWarning(job, now)),
    ...overview.rules.flatMap(ruleWarning),
  ];
}

function connectionWarning(
  connection: Overview['connections'][number],
  ownConnectionId: string | undefined,
): Warning[] {
  const { alias, health, healthReason, id } = connection;
  const who = connection.username ?? alias;
  if (health === 'needs_sign_in') {
    const own = id === ownConnectionId;
    return [
      {
        title: own ? 'You must sign in again' : `${who} must sign in again`,
        detail: healthReason?.message ?? 'Microsoft no longer accepts the stored sign-in.',
        // Signing in connects the person who does it: a link here would connect the wrong one.
        action: own
          ? { label: 'Sign in again', href: signInPath(connection) }
          : { label: 'See the connection', href: `/connections/${id}` },
      },
    ];
  }
  if (health === 'needs_consent') {
    return [
      {
        title: `${alias} lacks an approval`,
        detail:
          healthReason?.message ?? 'An administrator of that organisation has to approve the permissions.',
        action: { label: 'Make a consent link', href: '/#new-consent-link' },
      },
    ];
  }
  return [];
}

function jobWarning(job: Overview['jobs'][number], now: number): Warning[] {
  const last = job.runs.find((run) => run.state !== 'skipped');
  const action = { label: 'See the runs', href: '/#jobs' };
  if (last?.state === 'failed') {
    return [{ title: `The last run of ${job.name} failed`, detail: last.error?.message, action }];
  }
  const undelivered = last?.deliveries.find(({ state }) => state === 'failed');
  if (last && undelivered) {
    return [
      {
        title: `A report of ${job.name} did not arrive`,
        detail: `${undelivered.to}: ${undelivered.error?.message ?? 'no reason was kept'} The report itself is made.`,
        action: { label: 'See the run', href: `/runs/${last.id}` },
      },
    ];
  }
  if (job.enabled && job.nextDueAt !== undefined && now - job.nextDueAt > lateAfter) {
    return [{ title: `${job.name} is late`, detail: 'It was due and did not start.', action }];
  }
  return [];
}

function ruleWarning(rule: Overview['rules'][number]): Warning[] {
  if (!rule.enabled) return [];
  const action = { label: 'See the rule', href: '/#rules' };
  if (rule.problem) return [{ title: `The rule ${rule.name} is held`, detail: rule.problem.message, action }];
  if (rule.watching.by === 'nothing') {
    return [
      {
        title: `The rule ${rule.name} learns of no changes`,
        detail: 'No subscription is in place yet; it is tried again every 15 minutes.',
        action,
      },
    ];
  }
  const last = rule.operations[0];
  if (last?.state === 'failed') {
    return [{ title: `The last operation of ${rule.name} failed`, detail: last.error?.message, action }];
  }
  return [];
}
