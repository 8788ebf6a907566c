import { AppError } from '../../src/errors.ts';
import type { DriveItem } from '../../src/graph/drive-item.ts';
import type { GraphCall, GraphClient, GraphReply } from '../../src/graph/graph-client.ts';

/** One drive in memory, as a feed of changes and a place for files. */
export interface FakeGraph {
  readonly client: GraphClient;
  /** Paths of the calls so far, without their queries. */
  readonly calls: string[];
  /** Adds states of items to the feed. */
  change(...items: readonly DriveItem[]): void;
  /** Happens before the next call that matches; it may throw. */
  once(match: RegExp, fault: (call: GraphCall) => unknown): void;
  /** Every link that was given so far is answered with 410 from now on. */
  forget(): void;
  /** What was uploaded, by path. */
  readonly files: Map<string, Buffer>;
}

const base = 'https://graph.test/v1.0';

export function createFakeGraph({ driveId = 'drive-1', pageSize = 200 } = {}): FakeGraph {
  const feed: DriveItem[] = [];
  const calls: string[] = [];
  const files = new Map<string, Buffer>();
  const folders = new Set<string>();
  const faults: { match: RegExp; fault: (call: GraphCall) => unknown }[] = [];
  let epoch = 1;

  function page(path: string): unknown {
    const token = new URLSearchParams(path.split('?')[1] ?? '').get('token');
    const [from = '0', of] = token?.split('-') ?? [];
    if (of !== undefined && Number(of) !== epoch) {
      throw new AppError('resync_required', 'The place is gone.', { details: { graphStatus: 410 } });
    }
    const start = Number(from);
    const end = Math.min(start + pageSize, feed.length);
    const link = `${base}/drives/${driveId}/root/delta?token=${end}-${epoch}`;
    const name = end < feed.length ? '@odata.nextLink' : '@odata.deltaLink';
    return { value: feed.slice(start, end), [name]: link };
  }

  function answer(call: GraphCall): unknown {
    const path = call.path.replace(base, '');
    const address = decodeURIComponent(path.split('?')[0] ?? '');
    if (address === `/drives/${driveId}`) return { id: driveId, name: 'Documents' };
    if (address.endsWith('/root/delta')) return page(path);
    const content = /^\/drives\/[^/]+\/items\/(.+):\/(.+):\/content$/.exec(address);
    if (content && call.method === 'PUT') {
      const file = `${content[1]}/${content[2]}`;
      files.set(file, Buffer.from(call.body as Uint8Array));
      return { id: `file:${file}`, name: content[2], webUrl: `https://contoso.test${file}` };
    }
    const folder = /^\/drives\/[^/]+\/root:(\/.+)$/.exec(address)?.[1];
    if (folder !== undefined) {
      folders.add(folder);
      return { id: folder, name: folder.split('/').at(-1), folder: {} };
    }
    throw new AppError('not_found', `The fake has nothing at ${address}.`);
  }

  return {
    calls,
    files,
    change: (...items) => void feed.push(...items),
    once: (match, fault) => void faults.push({ match, fault }),
    forget() {
      epoch += 1;
    },
    client: {
      async call<T>(call: GraphCall<T>): Promise<GraphReply<T>> {
        calls.push(call.path.replace(base, '').split('?')[0] ?? '');
        const due = faults.findIndex(({ match }) => match.test(call.path));
        const struck = due < 0 ? undefined : faults.splice(due, 1)[0]?.fault(call);
        const body = struck ?? answer(call);
        return {
          status: 200,
          headers: new Headers(),
          body: call.schema ? call.schema.parse(body) : (body as T),
        };
      },
      download: () => Promise.reject(new Error('the fake downloads nothing')),
      preauthenticated: () => Promise.reject(new Error('the fake has no upload sessions')),
    },
  };
}

/** A file of the feed. */
export function aFile(id: string, parentId: string, name: string, size = 100): DriveItem {
  return {
    id,
    name,
    size,
    parentReference: { id: parentId },
    file: { mimeType: 'text/plain' },
    lastModifiedDateTime: '2026-03-01T10:00:00Z',
    lastModifiedBy: { user: { id: 'u1', displayName: 'Anna Bianchi' } },
  };
}

export function aFolder(id: string, parentId: string, name: string): DriveItem {
  return { id, name, parentReference: { id: parentId }, folder: { childCount: 1 } };
}

export function theRoot(id = 'root'): DriveItem {
  return { id, name: 'root', root: {}, folder: { childCount: 1 } };
}
