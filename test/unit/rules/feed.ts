import { AppError } from '../../../src/errors.ts';
import type { GraphCall, GraphClient, GraphFor } from '../../../src/graph/graph-client.ts';

export interface FeedFile {
  readonly id: string;
  readonly name: string;
  readonly folder?: string;
  readonly eTag?: string;
  readonly created?: number;
  readonly by?: { readonly user?: { id: string }; readonly application?: { id: string } };
}

interface Answer {
  readonly status?: number;
  readonly body?: unknown;
}

/**
 * Graph as a client sees it, as far as a drain asks: one feed whose pages the test writes, and folders whose id is
 * `folder:` and their path. Anything else is answered by `others`, or not found. Keeps the addresses that were asked for.
 */
export function scriptedFeed(others: (call: GraphCall) => Answer | undefined = () => undefined) {
  const log: unknown[][] = [];
  const asked: string[] = [];
  let failure: AppError | undefined;
  let lost: AppError | undefined;
  let pageSize = 200;

  function page(from: number) {
    const items = log.slice(from, from + pageSize).flat();
    const next = Math.min(from + pageSize, log.length);
    const link = `https://graph.test/v1.0/drives/drive-1/root/delta?at=${next}`;
    return { value: items, [next < log.length ? '@odata.nextLink' : '@odata.deltaLink']: link };
  }

  function answer(call: GraphCall): unknown {
    asked.push(`${call.method ?? 'GET'} ${call.path}`);
    if (call.path.includes('/root/delta')) {
      if (failure) throw failure;
      if (call.path.includes('token=latest')) return page(log.length);
      if (lost) {
        const error = lost;
        lost = undefined;
        throw error;
      }
      return page(Number(/at=(\d+)/.exec(call.path)?.[1] ?? 0));
    }
    const other = others(call);
    if (other && (other.status ?? 200) >= 400) {
      throw new AppError(other.status === 404 ? 'not_found' : 'forbidden', 'Refused.');
    }
    if (other) return other.body;
    const folder = /\/items\/folder%3A([^?]*)/.exec(call.path)?.[1];
    if (folder !== undefined) return folderItem(decodeURIComponent(folder));
    if (/^\/drives\/drive-1\?/.test(call.path)) return { id: 'drive-1', name: 'Documents' };
    throw new AppError('not_found', 'Graph did not find it.');
  }

  const client: GraphClient = {
    async call<T>(call: GraphCall<T>) {
      const body = answer(call as GraphCall);
      return {
        status: 200,
        headers: new Headers(),
        body: call.schema ? call.schema.parse(body) : (body as T),
      };
    },
    download: () => Promise.reject(new Error('no contents here')),
    preauthenticated: () => Promise.reject(new Error('no contents here')),
  };
  const graphFor: GraphFor = async () => client;

  return {
    client,
    graphFor,
    asked,
    /** Adds one entry to the feed. */
    changed: (file: FeedFile) => void log.push([fileItem(file)]),
    deleted: (id: string) => void log.push([{ id, deleted: {} }]),
    failWith: (error: AppError | undefined) => {
      failure = error;
    },
    /** The next place that is asked for is unknown. */
    losePlace: (error: AppError) => {
      lost = error;
    },
    pagesOf: (size: number) => {
      pageSize = size;
    },
  };
}

function folderItem(path: string) {
  if (path === '/') return { id: 'folder:/', name: 'root', root: {}, folder: {} };
  const parts = path.split('/');
  const name = parts.pop();
  const parent = parts.join('/') || '/';
  return {
    id: `folder:${path}`,
    name,
    folder: { childCount: 50 },
    parentReference: { id: `folder:${parent}` },
  };
}

function fileItem({ id, name, folder = '/Inbox', eTag = '"1"', created, by }: FeedFile) {
  const at = new Date(created ?? Date.UTC(2026, 10, 24, 12)).toISOString();
  return {
    id,
    name,
    eTag,
    file: {},
    parentReference: { id: `folder:${folder}` },
    createdDateTime: at,
    lastModifiedDateTime: at,
    lastModifiedBy: by ?? { user: { id: 'somebody' } },
  };
}
