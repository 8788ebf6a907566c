import type { Spent } from './metered-client.ts';
import type { Run, RunStep } from './run.ts';

/** The run after a unit of its own that got somewhere, at the step that is next. */
export function onward(run: Run, step: RunStep, now: number, spent?: Spent): Run {
  const { progress } = run;
  return {
    ...run,
    step,
    steps: step in run.steps ? run.steps : { ...run.steps, [step]: now },
    sequence: run.sequence + 1,
    attempts: 0,
    heartbeatAt: now,
    progress: {
      ...progress,
      calls: progress.calls + (spent?.calls() ?? 0),
      units: progress.units + (spent?.units() ?? 0),
    },
  };
}
