import { z } from 'zod';
import { type BatchAnswer, readMany } from '../../../graph/batch.ts';
import type { GroupRow } from '../../data/sources.ts';
import type { GatherState } from '../gather-state.ts';
import type { GatherUnitContext } from '../gather-unit.ts';
import { readList } from './read-list.ts';
import { timeOf } from './time-of.ts';

const group = z.object({
  id: z.string(),
  displayName: z.string().nullish(),
  mail: z.string().nullish(),
  groupTypes: z.array(z.string()).nullish(),
  deletedDateTime: z.string().nullish(),
  owners: z.array(z.object({ id: z.string() })).nullish(),
});
type Group = z.infer<typeof group>;

const select = '$select=id,displayName,mail,groupTypes,deletedDateTime';

/** Groups of all kinds: those of Microsoft 365 with their drives and owners, and of each how many it holds. */
export function readGroups(unit: GatherUnitContext, state: GatherState) {
  return readList(unit, state, {
    kind: 'groups',
    name: 'Groups of the directory',
    starts: [`/groups?${select}&$expand=owners($select=id)&$top=100`],
    member: group,
    rows: toRows,
  });
}

/** Those that can be restored. */
export function readDeletedGroups(unit: GatherUnitContext, state: GatherState) {
  return readList(unit, state, {
    kind: 'deleted_groups',
    name: 'Deleted groups',
    starts: [`/directory/deletedItems/microsoft.graph.group?${select}&$top=100`],
    member: group,
    rows: (groups) => groups.map(plainRow),
  });
}

async function toRows(groups: readonly Group[], { client }: GatherUnitContext): Promise<GroupRow[]> {
  const counted = await readMany(
    client,
    groups.map(({ id }) => `/groups/${encodeURIComponent(id)}/transitiveMembers/$count`),
    { consistencylevel: 'eventual' },
  );
  const unified = groups.filter(isUnified);
  const drives = await readMany(
    client,
    unified.map(({ id }) => `/groups/${encodeURIComponent(id)}/drive?$select=id`),
  );
  const driveIds = new Map(unified.map(({ id }, index) => [id, driveIdOf(drives[index])]));
  return groups.map((one, index) => ({
    ...plainRow(one),
    driveId: driveIds.get(one.id) ?? null,
    // A security group needs no owner, so that none is missing.
    ownerCount: isUnified(one) ? (one.owners?.length ?? null) : null,
    memberCount: countOf(counted[index]),
  }));
}

function isUnified({ groupTypes }: Group): boolean {
  return groupTypes?.includes('Unified') ?? false;
}

function plainRow(one: Group): GroupRow {
  return {
    id: one.id,
    name: one.displayName ?? null,
    mail: one.mail ?? null,
    deletedAt: timeOf(one.deletedDateTime),
  };
}

/** A count is plain text; in a batch it comes as a number, a text, or a text in base64. */
function countOf(answer: BatchAnswer | undefined): number | null {
  if (!answer || answer.status >= 300) return null;
  const text = String(answer.body).replace(/^\uFEFF/, '');
  const count = /^\d+$/.test(text) ? Number(text) : Number(Buffer.from(text, 'base64').toString('utf8'));
  return Number.isSafeInteger(count) ? count : null;
}

function driveIdOf(answer: BatchAnswer | undefined): string | null {
  return z.object({ id: z.string() }).safeParse(answer?.body).data?.id ?? null;
}
