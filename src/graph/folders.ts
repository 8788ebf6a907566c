import { AppError, isAppError } from '../errors.ts';
import { type DriveItem, driveItem } from './drive-item.ts';
import type { GraphClient } from './graph-client.ts';

/** `/Reports/Daily` as its names; `/` is none. */
export function folderNames(path: string): string[] {
  return path.split('/').filter((name) => name !== '');
}

/** What is wrong with one name of a folder or file, in words; undefined when nothing is. */
export function nameProblem(name: string): string | undefined {
  if (name === '' || name === '.' || name === '..') return 'is no name';
  if (/["*:<>?/\\|]/.test(name)) return 'holds one of " * : < > ? / \\ |';
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly those are refused
  if (/[\u0000-\u001f\u007f]/.test(name)) return 'holds a control character';
  if (name !== name.trim() || name.endsWith('.')) return 'begins or ends with a space, or ends with a dot';
  if (name.startsWith('~')) return 'begins with ~';
  if (/^(\.lock|con|prn|aux|nul|com\d|lpt\d|desktop\.ini)$/i.test(name) || /_vti_/i.test(name))
    return 'is reserved';
  return name.length > 255 ? 'is longer than 255 characters' : undefined;
}

/** The folder's item, made with every folder above it that is not there yet. Throws `conflict` where a file has the name. */
export async function ensureFolder(client: GraphClient, driveId: string, path: string): Promise<DriveItem> {
  const drive = `/drives/${encodeURIComponent(driveId)}`;
  const names = folderNames(path);
  const whole = names.map(encodeURIComponent).join('/');
  const found = await findItem(client, names.length === 0 ? `${drive}/root` : `${drive}/root:/${whole}`);
  if (found) return asFolder(found, path);

  let folder = await client.call({ path: `${drive}/root?$select=id,name,folder,root`, schema: driveItem });
  for (const name of names) {
    const parent = `${drive}/items/${encodeURIComponent(folder.body.id)}`;
    const child = await findItem(client, `${parent}:/${encodeURIComponent(name)}`);
    folder = { ...folder, body: asFolder(child ?? (await createFolder(client, parent, name)), path) };
  }
  return folder.body;
}

/** The item at this address, or undefined. */
export async function findItem(client: GraphClient, path: string): Promise<DriveItem | undefined> {
  try {
    return (await client.call({ path, schema: driveItem })).body;
  } catch (error) {
    if (isAppError(error, 'not_found')) return undefined;
    throw error;
  }
}

async function createFolder(client: GraphClient, parent: string, name: string): Promise<DriveItem> {
  const body = { name, folder: {}, '@microsoft.graph.conflictBehavior': 'fail' };
  try {
    return (await client.call({ method: 'POST', path: `${parent}/children`, body, schema: driveItem })).body;
  } catch (error) {
    // Somebody else made it a moment ago: theirs is as good.
    const theirs = isAppError(error, 'conflict')
      ? await findItem(client, `${parent}:/${encodeURIComponent(name)}`)
      : undefined;
    if (theirs) return theirs;
    throw error;
  }
}

function asFolder(item: DriveItem, path: string): DriveItem {
  if (item.folder || item.root) return item;
  throw new AppError('conflict', `${path} cannot be a folder: a file of this name is in the way.`);
}
