import type { ApiStage } from './api-stage.ts';
import { createQueuePump } from './queue-pump.ts';

/** Works on the queues of runs and of deliveries until `isOver` says so. */
export function createJobPumps({ app, settings }: Pick<ApiStage, 'app' | 'settings'>) {
  const { jobs } = app;
  const connection = settings.DataStorage ?? '';
  const runs = createQueuePump(connection, 'runs', (message) => jobs.work(message));
  const deliveries = createQueuePump(connection, 'deliveries', (message) => jobs.deliver(message));

  return (isOver: () => Promise<boolean>, timeoutMs?: number): Promise<void> =>
    runs.until(async () => {
      await deliveries.round();
      return isOver();
    }, timeoutMs);
}
