import { type JobDefinition, jobDefinition } from '../../src/jobs/job.ts';
import { aFile, aFolder, createFakeGraph, theRoot } from './fake-graph.ts';

/** Who saves jobs in tests. */
export const anna = { objectId: 'anna', administrator: true };

/** A daily inventory of `drive-1` as the connection `contoso`. */
export function aJob(change: Record<string, unknown> = {}): JobDefinition {
  return jobDefinition.parse({
    schedule: { cron: '0 6 * * *', timeZone: 'Europe/London' },
    report: 'file-inventory',
    target: { kind: 'drive', driveId: 'drive-1' },
    connection: 'contoso',
    ...change,
  });
}

/** `drive-1` with a folder of files. */
export function smallDrive(files = 5, pageSize = 100) {
  const graph = createFakeGraph({ pageSize });
  graph.change(theRoot(), aFolder('a', 'root', 'A'));
  for (let i = 0; i < files; i += 1) graph.change(aFile(`f${i}`, 'a', `File ${i}.txt`));
  return graph;
}
