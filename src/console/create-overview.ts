import { maySee } from '../api/connection-view.ts';
import type { Connections } from '../broker/connections.ts';
import type { Person } from '../broker/sessions.ts';
import { jobViews } from '../jobs/job-views.ts';
import type { Jobs } from '../jobs/jobs.ts';
import type { Clock } from '../ports.ts';
import type { Rules } from '../rules/rules.ts';
import type { Overview, Warning } from './overview.ts';

/** What the home page shows to one person. */
export function createOverview(deps: {
  readonly connections: Pick<Connections, 'list' | 'get' | 'lookUp'>;
  readonly jobs: Pick<Jobs, 'list' | 'runs' | 'occurrences' | 'estimate'>;
  readonly rules: Pick<Rules, 'views'>;
  /** Of the installation itself, for administrators. */
  readonly warnings: () => Promise<readonly Warning[]>;
  readonly clock: Clock;
}): (person: Person) => Promise<Overview> {
  return async (person) => {
    if (!person.administrator) {
      const own = (await deps.connections.list()).filter((each) => maySee(person, each));
      const jobs = await jobViews(deps, (job) => job.owner === person.objectId);
      return { connections: own, jobs, rules: [], warnings: [] };
    }
    const [connections, jobs, rules, warnings] = await Promise.all([
      deps.connections.list(),
      jobViews(deps),
      deps.rules.views(),
      deps.warnings(),
    ]);
    return { connections, jobs, rules, warnings };
  };
}
