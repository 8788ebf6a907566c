import { AppError } from '../../errors.ts';
import { deltaStart, readDeltaPage } from '../../graph/delta.ts';
import type { GraphClient } from '../../graph/graph-client.ts';

/** The place in a drive's feed that is now: what comes after it is new. */
export async function latestLink(client: GraphClient, driveId: string): Promise<string> {
  let link = deltaStart(driveId, { token: 'latest' });
  for (let pages = 0; pages < 100; pages += 1) {
    const { deltaLink, nextLink } = await readDeltaPage(client, link);
    if (deltaLink !== undefined) return deltaLink;
    if (nextLink === undefined) break;
    link = nextLink;
  }
  throw new AppError('graph_error', 'Microsoft Graph did not say where the feed of the drive is now.');
}
