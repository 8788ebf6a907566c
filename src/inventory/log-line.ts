import { type Facet, facet, type RawItem, textOf, wholeOf } from '../graph/raw-item.ts';

/** What a row of the feed says, as one line of the log of changes. `ordinal` grows along the feed: the last line of an id counts. */
export function logLine(item: RawItem, ordinal: number): string {
  return isGone(item) ? goneLine(item.id, ordinal) : stateLine(item, ordinal);
}

/** A facet that is there says what the item is, whatever it holds: `deleted: {}` is a deletion. */
function isGone(item: RawItem): boolean {
  return item.deleted !== undefined && item.deleted !== null;
}

function goneLine(id: string, ordinal: number): string {
  return `${ordinal}\t1\t${clean(id)}${'\t'.repeat(22)}\n`;
}

function stateLine(item: RawItem, ordinal: number): string {
  const file = facet(item, 'file');
  const folder = facet(item, 'folder');
  const shared = facet(item, 'shared');
  const made = facet(item, 'createdBy');
  const changed = facet(item, 'lastModifiedBy');
  const publication = facet(item, 'publication');
  const kind = kindOf(item, folder);
  const line = [
    ordinal,
    0,
    clean(item.id),
    clean(textOf(facet(item, 'parentReference'), 'id')),
    kind,
    clean(textOf(item, 'name')),
    clean(textOf(file, 'mimeType')),
    wholeOf(item, 'size') ?? 0,
    clean(textOf(item, 'createdDateTime')),
    clean(textOf(item, 'lastModifiedDateTime')),
    clean(nameOf(made)),
    clean(idOf(made)),
    clean(nameOf(changed)),
    clean(idOf(changed)),
    clean(textOf(item, 'eTag')),
    clean(textOf(item, 'cTag')),
    clean(textOf(facet(file, 'hashes'), 'quickXorHash')),
    clean(textOf(item, 'webUrl')),
    wholeOf(folder, 'childCount') ?? '',
    clean(textOf(shared, 'scope')),
    clean(nameOf(facet(shared, 'owner'))),
    facet(item, 'malware') ? 1 : '',
    '',
    publication?.level === 'checkout' ? clean(nameOf(facet(publication, 'checkedOutBy')) || 'unknown') : '',
    shared && kind !== 'root' ? 1 : '',
  ];
  return `${line.join('\t')}\n`;
}

/** A package (a OneNote notebook) has neither a file's nor a folder's meaning, so it is asked for first. */
function kindOf(item: RawItem, folder: Facet | undefined): string {
  if (facet(item, 'root')) return 'root';
  if (facet(item, 'remoteItem')) return 'remote';
  if (facet(item, 'package')) return 'package';
  return folder ? 'folder' : 'file';
}

/** The person, the group, or the app where no person was in it. */
function whoOf(set: Facet | undefined): Facet | undefined {
  return facet(set, 'user') ?? facet(set, 'group') ?? facet(set, 'application');
}

function nameOf(set: Facet | undefined): string {
  const who = whoOf(set);
  return textOf(who, 'displayName') || textOf(who, 'email') || textOf(who, 'id');
}

function idOf(set: Facet | undefined): string {
  return textOf(whoOf(set), 'id');
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those would break a line or a column
const control = /[\u0000-\u001f]/;
// biome-ignore lint/suspicious/noControlCharactersInRegex: as above
const controls = /[\u0000-\u001f]/g;

/** No name in OneDrive or SharePoint holds a control character; one that did shall not break the line. */
function clean(text: string): string {
  return control.test(text) ? text.replace(controls, '\uFFFD') : text;
}
