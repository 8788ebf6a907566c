import type { GraphClient } from '../../graph/graph-client.ts';
import { readDrives } from './drive-pages.ts';
import type { PlannedDrive } from './planned-drive.ts';
import type { JobTarget } from './target.ts';

export type { PlannedDrive } from './planned-drive.ts';

/**
 * The drives of a target, each once, a page at a time. People without a drive and what may not be read come too, with the reason.
 * Where the target names a single thing that is not there or may not be read, it throws `not_found` or `forbidden` instead.
 */
export async function* listDrives(client: GraphClient, target: JobTarget): AsyncGenerator<PlannedDrive> {
  const seen = new Set<string>();
  let cursor: string | undefined;
  do {
    const page = await readDrives(client, target, cursor);
    for (const drive of page.drives) {
      if (seen.has(drive.driveId)) continue;
      seen.add(drive.driveId);
      yield drive;
    }
    cursor = page.cursor;
  } while (cursor !== undefined);
}
