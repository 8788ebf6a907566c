import { dayMs, reportNow, type TestItem } from './report-world.ts';

export interface DriveSize {
  readonly driveId: string;
  readonly folders: number;
  readonly files: number;
  readonly seed: number;
}

/** The same numbers between 0 and 1 for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const extensions = ['docx', 'xlsx', 'pdf', 'jpg', 'txt', ''];
const names = [
  'Plan',
  'Bericht Größe',
  'отчёт',
  '報告',
  "O'Brien",
  '100% "final"',
  'a, b; c',
  '=SUM(A1)',
  'Émilie 🚗',
];
const people = ['Ada', 'Grace', 'Linus', null];

/** A drive with nested folders, files of many sizes and ages, equal files, ties, and values that are not there. */
export function testDrive({ driveId, folders, files, seed }: DriveSize): TestItem[] {
  const random = seeded(seed);
  const pick = <T>(from: readonly T[]): T => {
    const value = from[Math.floor(random() * from.length)];
    if (value === undefined) throw new Error('nothing to pick from');
    return value;
  };
  const root = item({ drive_id: driveId, item_id: `${driveId}-root`, kind: 'root', name: 'root', path: '/' });
  const places = [root];
  for (let index = 0; index < folders; index += 1) {
    const parent = pick(places);
    places.push(
      child(parent, { item_id: `${driveId}-d${index}`, kind: 'folder', name: `${pick(names)} ${index}` }),
    );
  }
  const all: TestItem[] = [];
  for (let index = 0; index < files; index += 1) {
    const extension = pick(extensions);
    const twin = random() < 0.3;
    const content = twin ? Math.floor(random() * 8) : index + 100;
    const size = random() < 0.03 ? null : twin ? content * 1000 : Math.floor(random() ** 4 * 5_000_000_000);
    const modified = random() < 0.03 ? null : reportNow - Math.floor(random() * 2000) * dayMs - 3_600_000;
    all.push(
      child(pick(places), {
        item_id: `${driveId}-f${index}`,
        kind: 'file',
        name: `${pick(names)} ${index}${extension === '' ? '' : `.${extension}`}`,
        extension,
        size,
        hash: random() < 0.1 ? null : `hash-${content}`,
        created_at: modified === null ? null : modified - dayMs,
        modified_at: modified,
        created_by: pick(people),
        modified_by: pick(people),
        web_url: `https://contoso.sharepoint.com/${driveId}/${index}`,
      }),
    );
  }
  return sized([...places, ...all]);
}

/** An item below another one. */
export function child(parent: TestItem, given: Partial<TestItem>): TestItem {
  const name = given.name ?? 'x';
  return item({
    drive_id: parent.drive_id,
    parent_id: parent.item_id,
    path: parent.path === '/' ? `/${name}` : `${parent.path}/${name}`,
    depth: parent.depth + 1,
    ...given,
  });
}

export function item(given: Partial<TestItem>): TestItem {
  return {
    drive_id: 'one',
    item_id: 'id',
    parent_id: null,
    kind: 'file',
    name: 'x',
    path: '/x',
    depth: 0,
    extension: '',
    size: null,
    created_at: null,
    modified_at: null,
    created_by: null,
    modified_by: null,
    hash: null,
    web_url: null,
    child_count: null,
    shared_scope: null,
    unique_permissions: false,
    ...given,
  };
}

/** Gives folders the size of all that is in them and the number of what is directly in them, as Graph does. */
export function sized(items: readonly TestItem[]): TestItem[] {
  const byId = new Map(items.map((each) => [each.item_id, each]));
  for (const each of items) if (each.kind !== 'file') Object.assign(each, { size: 0, child_count: 0 });
  for (const each of items) {
    const parent = each.parent_id === null ? undefined : byId.get(each.parent_id);
    if (parent) parent.child_count = (parent.child_count ?? 0) + 1;
    if (each.kind !== 'file') continue;
    for (let above = parent; above; above = above.parent_id === null ? undefined : byId.get(above.parent_id))
      above.size = (above.size ?? 0) + (each.size ?? 0);
  }
  return [...items];
}
