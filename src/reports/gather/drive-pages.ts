import { z } from 'zod';
import { AppError, isAppError } from '../../errors.ts';
import { type BatchAnswer, readMany } from '../../graph/batch.ts';
import { type DriveTarget, drivePath } from '../../graph/drives.ts';
import type { GraphClient } from '../../graph/graph-client.ts';
import { type Around, driveAnswer, driveSelect, toPlannedDrive, unread } from './drive-answer.ts';
import type { PlannedDrive } from './planned-drive.ts';
import type { JobTarget } from './target.ts';

export interface DrivePage {
  readonly drives: readonly PlannedDrive[];
  /** Where to go on; none at the end. It may be kept: a page is read again as a whole. */
  readonly cursor: string | undefined;
}

const cursor = z.object({ stage: z.enum(['people', 'sites']), link: z.string() });
type Cursor = z.infer<typeof cursor>;

/**
 * One page of the drives of a target: some tens of people or sites. A drive may come on several pages. Throws `throttled` for the
 * whole page, and `not_found` or `forbidden` where the target names a single thing.
 */
export async function readDrives(
  client: GraphClient,
  target: JobTarget,
  from: string | undefined,
): Promise<DrivePage> {
  switch (target.kind) {
    case 'drive':
      return { drives: [await oneDrive(client, { driveId: target.driveId })], cursor: undefined };
    case 'user':
      return { drives: [await oneDrive(client, { user: target.user })], cursor: undefined };
    case 'site':
      return { drives: await drivesOfSite(client, target.site), cursor: undefined };
    case 'group':
    case 'all_sites':
    case 'all_drives':
      return many(client, target, from === undefined ? firstOf(target) : cursor.parse(JSON.parse(from)));
  }
}

const peopleSelect = '$select=id,displayName,mail,userPrincipalName,userType&$top=100';
const sitesSelect = '$select=id,displayName,webUrl,isPersonalSite';

function firstOf(target: JobTarget & { kind: 'group' | 'all_sites' | 'all_drives' }): Cursor {
  if (target.kind === 'all_sites') return { stage: 'sites', link: `/sites/getAllSites?${sitesSelect}` };
  if (target.kind === 'all_drives') return { stage: 'people', link: `/users?${peopleSelect}` };
  const group = encodeURIComponent(target.group);
  return { stage: 'people', link: `/groups/${group}/transitiveMembers?${peopleSelect}` };
}

async function many(client: GraphClient, target: JobTarget, { stage, link }: Cursor): Promise<DrivePage> {
  const page = stage === 'people' ? await peoplePage(client, link) : await sitesPage(client, link);
  const next: Cursor | undefined =
    page.next !== undefined
      ? { stage, link: page.next }
      : stage === 'people' && target.kind === 'all_drives'
        ? { stage: 'sites', link: `/sites/getAllSites?${sitesSelect}` }
        : undefined;
  return { drives: page.drives, cursor: next && JSON.stringify(next) };
}

interface Page {
  readonly drives: readonly PlannedDrive[];
  readonly next: string | undefined;
}

const person = z.object({
  '@odata.type': z.string().nullish(),
  id: z.string(),
  displayName: z.string().nullish(),
  mail: z.string().nullish(),
  userPrincipalName: z.string().nullish(),
  userType: z.string().nullish(),
});
const listOf = <T extends z.ZodType>(member: T) =>
  z.object({ value: z.array(member), '@odata.nextLink': z.string().nullish() });

async function peoplePage(client: GraphClient, link: string): Promise<Page> {
  const { body } = await client.call({ path: link, schema: listOf(person) });
  // Groups and devices are members too; a guest's OneDrive is in another organisation.
  const people = body.value.filter(
    (one) =>
      (one['@odata.type'] ?? '#microsoft.graph.user') === '#microsoft.graph.user' && one.userType !== 'Guest',
  );
  const paths = people.map(({ id }) => `${drivePath({ user: id })}?${driveSelect}`);
  const answers = await readMany(client, paths);
  const drives = people.map((one, index) => {
    const name = one.displayName ?? one.userPrincipalName ?? one.id;
    const around: Around = {
      person: { id: one.id, name: one.displayName ?? null, mail: one.mail ?? one.userPrincipalName ?? null },
    };
    return driveOf(answers[index], around) ?? unread(`user/${one.id}`, name, answers[index] ?? silence);
  });
  return { drives, next: body['@odata.nextLink'] ?? undefined };
}

const site = z.object({
  id: z.string(),
  displayName: z.string().nullish(),
  webUrl: z.string().nullish(),
  isPersonalSite: z.boolean().nullish(),
});
const driveList = listOf(driveAnswer);

async function sitesPage(client: GraphClient, link: string): Promise<Page> {
  const body = await sitesAt(client, link);
  const sites = body.value.filter((one) => one.isPersonalSite !== true);
  const answers = await readMany(
    client,
    sites.map(({ id }) => librariesPath(id)),
  );
  const drives: PlannedDrive[] = [];
  for (const [index, one] of sites.entries()) {
    const name = one.displayName ?? one.webUrl ?? one.id;
    const answer = answers[index] ?? silence;
    const read = answer.status < 300 ? driveList.safeParse(answer.body).data : undefined;
    if (!read) drives.push(unread(`site/${one.id}`, name, answer));
    else drives.push(...(await allLibraries(client, read, name)));
  }
  return { drives, next: body['@odata.nextLink'] ?? undefined };
}

/** Only an app may list all sites; a person gets those that a search finds. */
async function sitesAt(client: GraphClient, link: string) {
  const schema = listOf(site);
  try {
    return (await client.call({ path: link, schema })).body;
  } catch (error) {
    if (!link.startsWith('/sites/getAllSites') || !isRefused(error)) throw error;
    return (await client.call({ path: `/sites?search=*&${sitesSelect}`, schema })).body;
  }
}

function isRefused(error: unknown): boolean {
  return (
    isAppError(error, 'forbidden') || (isAppError(error, 'graph_error') && error.details?.graphStatus === 400)
  );
}

function librariesPath(siteId: string): string {
  return `/sites/${encodeURIComponent(siteId).replaceAll('%2C', ',')}/drives?${driveSelect}`;
}

async function allLibraries(
  client: GraphClient,
  first: z.infer<typeof driveList>,
  siteName: string,
): Promise<PlannedDrive[]> {
  const drives = first.value.map((one) => toPlannedDrive(one, { siteName }));
  for (let next = first['@odata.nextLink']; next; ) {
    const { body } = await client.call({ path: next, schema: driveList });
    drives.push(...body.value.map((one) => toPlannedDrive(one, { siteName })));
    next = body['@odata.nextLink'];
  }
  return drives;
}

async function oneDrive(client: GraphClient, target: DriveTarget): Promise<PlannedDrive> {
  const path = `${drivePath(target)}?${driveSelect}`;
  const what = 'user' in target ? `drive of the person ${target.user}` : 'drive of this id';
  const { body } = await named(what, () => client.call({ path, schema: driveAnswer }));
  return toPlannedDrive(body);
}

async function drivesOfSite(client: GraphClient, asked: string): Promise<PlannedDrive[]> {
  return named(`site ${asked}`, async () => {
    // What names its default library names the site, without the last segment.
    const path = drivePath({ site: asked }).replace(/:?\/drive$/, '');
    const { body } = await client.call({ path: `${path}?${sitesSelect}`, schema: site });
    const first = await client.call({ path: librariesPath(body.id), schema: driveList });
    return allLibraries(client, first.body, body.displayName ?? asked);
  });
}

/** What was not found is named in the words of the target. */
async function named<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!isAppError(error, 'not_found')) throw error;
    throw new AppError('not_found', `Microsoft Graph knows no ${what}, or this connection may not see it.`, {
      cause: error,
      ...(error.detail === undefined ? {} : { detail: error.detail }),
    });
  }
}

const silence: BatchAnswer = { status: 504, headers: new Headers(), body: undefined };

/** Undefined when it is no drive. */
function driveOf(answer: BatchAnswer | undefined, around: Around): PlannedDrive | undefined {
  if (!answer || answer.status >= 300) return undefined;
  const read = driveAnswer.safeParse(answer.body);
  return read.success ? toPlannedDrive(read.data, around) : undefined;
}
