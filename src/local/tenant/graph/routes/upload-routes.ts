import * as z from 'zod';
import type { Exchange, Reply, Route } from '../../http/route.ts';
import { HttpFault } from '../../http/route.ts';
import { checkNoToken, checkPreconditions, checkQuota, editorFor } from '../access/guards.ts';
import { holdsAny } from '../access/permission-names.ts';
import { type FoundPlace, findItem, findPlace } from '../addressing/find-item.ts';
import { itemPath } from '../addressing/item-paths.ts';
import { storeUpload } from '../content/store-upload.ts';
import { type ClientTimes, type ConflictBehavior, checkName, type Editor } from '../drives/edit-item.ts';
import { faults } from '../errors.ts';
import type { GraphContext } from '../graph-context.ts';
import { itemAnswer } from '../render/item-answer.ts';
import { body, conflictBehavior, fileSystemInfo, parse } from '../wire/bodies.ts';
import { type GraphRoute, graphRoute } from '../wire/graph-route.ts';

const LIFE_MS = 24 * 3_600_000;
const MOST_FRAGMENT = 60 * 1024 * 1024;

interface Session {
  readonly id: string;
  readonly place: FoundPlace;
  readonly behavior: ConflictBehavior;
  readonly editor: Editor;
  readonly times: ClientTimes | undefined;
  readonly deferCommit: boolean;
  readonly fragments: Buffer[];
  received: number;
  total: number | undefined;
  expires: number;
}

const start = z.looseObject({
  item: z
    .looseObject({
      '@microsoft.graph.conflictBehavior': conflictBehavior.optional(),
      name: z.string().optional(),
      fileSize: z.number().optional(),
      fileSystemInfo: fileSystemInfo.optional(),
    })
    .optional(),
  deferCommit: z.boolean().optional(),
});

const rescued = z.looseObject({
  name: z.string().optional(),
  '@microsoft.graph.conflictBehavior': conflictBehavior.optional(),
  '@microsoft.graph.sourceUrl': z.string(),
});

/** Upload sessions: begun at Graph, filled at a pre-authenticated address of another host. */
export function uploadRoutes(context: GraphContext): { graph: GraphRoute[]; files: Route[] } {
  const sessions = new Map<string, Session>();

  const find = (exchange: Exchange): Session => {
    checkNoToken(context, exchange);
    const session = sessions.get(exchange.params.session ?? '');
    if (!session || session.expires <= context.clock()) {
      throw new HttpFault(404, 'itemNotFound', 'The upload session was not found', {
        inner: 'uploadSessionNotFound',
      });
    }
    return session;
  };
  const status = (session: Session) => ({
    expirationDateTime: new Date(session.expires).toISOString(),
    nextExpectedRanges: [`${session.received}-`],
  });

  function begin(exchange: Exchange): Reply {
    const place = findPlace(context, exchange);
    const { drive, record, token } = place;
    const editor = editorFor(context, token);
    const sitesOnly = context.switches.uploadSessionRole === 'sites' && token.kind === 'app';
    if (sitesOnly && !holdsAny(token, ['Sites.ReadWrite.All', 'Sites.FullControl.All']))
      throw faults.denied();
    const wanted = exchange.body.length === 0 ? {} : parse(exchange.json(), start);
    const item = wanted.item;
    checkPreconditions(drive, record, exchange);
    checkName(drive, place.name, false, editor);
    checkQuota(drive, item?.fileSize ?? 0);
    const byId = exchange.params.path === undefined && record !== undefined;
    const parent = byId ? drive.items.live(record.parentId ?? '') : place.parent;
    if (!parent || (record && record.kind !== 'file')) throw faults.badRequest('Only files can be uploaded.');
    const times = item?.fileSystemInfo;
    const { uploadSessionConflict: usual } = context.switches;
    const replaces = byId || usual === 'replace' || (usual === 'replaceWithTimes' && times !== undefined);
    const behavior = item?.['@microsoft.graph.conflictBehavior'] ?? (replaces ? 'replace' : 'fail');
    const session: Session = {
      id: context.newGuid(),
      place: { ...place, parent },
      behavior,
      editor,
      times: times && {
        ...(times.createdDateTime === undefined ? {} : { created: times.createdDateTime }),
        ...(times.lastModifiedDateTime === undefined ? {} : { modified: times.lastModifiedDateTime }),
      },
      deferCommit: wanted.deferCommit ?? false,
      fragments: [],
      received: 0,
      total: undefined,
      expires: context.clock() + LIFE_MS,
    };
    sessions.set(session.id, session);
    const uploadUrl = `${exchange.urls.files}/_api/v2.0/uploadSessions/${session.id}`;
    return { status: 200, body: { uploadUrl, ...status(session) } };
  }

  function put(exchange: Exchange): Reply {
    const session = find(exchange);
    const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(exchange.headers['content-range'] ?? '');
    if (!range) throw faults.badRequest('The Content-Range header is missing or malformed.', 'invalidRange');
    const [first, last, total] = [Number(range[1]), Number(range[2]), Number(range[3])];
    if (last - first + 1 !== exchange.body.length || last >= total) {
      throw faults.badRequest('The Content-Range does not match the length of the body.', 'invalidRange');
    }
    if (exchange.body.length >= MOST_FRAGMENT)
      throw new HttpFault(413, 'invalidRequest', 'The fragment is too large.', { inner: 'fragmentTooLarge' });
    if (session.total !== undefined && session.total !== total) {
      throw new HttpFault(416, 'invalidRange', 'The total length differs from that of earlier fragments.', {
        inner: 'fragmentLengthMismatch',
      });
    }
    if (first !== session.received) {
      const inner = first < session.received ? 'fragmentOverlap' : 'fragmentOutOfOrder';
      throw new HttpFault(
        416,
        'invalidRange',
        'The uploaded fragment overlaps with data that has already been received or leaves a gap.',
        { inner },
      );
    }
    session.total = total;
    session.fragments.push(exchange.body);
    session.received = last + 1;
    session.expires = context.clock() + LIFE_MS;
    if (session.received < total || session.deferCommit) return { status: 202, body: status(session) };
    return commit(exchange, session);
  }

  /** Commits under another name what could not be committed, or what was deferred on a personal drive. */
  function rescue(exchange: Exchange): Reply {
    const { drive, record: parent } = findItem(context, exchange, 'write');
    const wanted = body(exchange, rescued);
    const id = wanted['@microsoft.graph.sourceUrl'].split('/').at(-1) ?? '';
    const session = sessions.get(id);
    if (!session || session.place.drive !== drive) throw faults.notFound('The upload session was not found');
    if (parent.kind !== 'folder') throw faults.badRequest('The parent is not a folder.');
    const place = { ...session.place, parent, missing: [], name: wanted.name ?? session.place.name };
    const behavior = wanted['@microsoft.graph.conflictBehavior'] ?? session.behavior;
    return commit(exchange, { ...session, place, behavior });
  }

  function commit(exchange: Exchange, session: Session): Reply {
    const { drive, parent, missing, name } = session.place;
    if (session.total === undefined || session.received < session.total)
      throw faults.badRequest('Bytes are missing.', 'invalidRange');
    if (session.fragments.slice(0, -1).some((fragment) => fragment.length % 327_680 !== 0)) {
      throw faults.badRequest('Fragments must be multiples of 320 KiB.', 'invalidRange');
    }
    try {
      const { record, made } = storeUpload(context, {
        drive,
        parent: drive.items.live(parent.id) ?? parent,
        missing,
        name,
        bytes: Buffer.concat(session.fragments),
        behavior: session.behavior,
        editor: session.editor,
        times: session.times,
      });
      sessions.delete(session.id);
      return itemAnswer(context, exchange, drive, record, made ? 201 : 200);
    } catch (error) {
      // The session stays alive: the client may choose another name, or free some room.
      if (error instanceof HttpFault && error.code === 'nameAlreadyExists') {
        throw new HttpFault(409, context.switches.uploadConflictCode, error.message);
      }
      throw error;
    }
  }

  const files = (method: string, summary: string, handle: Route['handle']): Route => ({
    listener: 'files',
    method,
    path: '/_api/v2.0/uploadSessions/:session',
    summary,
    contract: '4.2',
    strict:
      'sequential; multiples of 320 KiB below 60 MiB; 416, 409, 507, 404; no token when a switch says so',
    handle,
  });
  return {
    graph: [
      graphRoute({
        method: 'POST',
        path: itemPath('/(?:microsoft\\.graph\\.)?createUploadSession'),
        display: '/{drive}/{item}/createUploadSession',
        summary: 'Begins an upload session',
        contract: '4.2',
        units: 2,
        handle: begin,
      }),
      graphRoute({
        method: 'PUT',
        path: itemPath(),
        display: '/{drive}/{item}',
        summary: 'Commits the bytes of an upload session under another name',
        contract: '4.2',
        units: 2,
        handle: rescue,
      }),
    ],
    files: [
      files('PUT', 'A fragment of an upload', put),
      files('GET', 'How far an upload is', (exchange) => ({ status: 200, body: status(find(exchange)) })),
      files('POST', 'Commits a deferred upload', (exchange) => commit(exchange, find(exchange))),
      files('DELETE', 'Gives an upload up', (exchange) => {
        sessions.delete(find(exchange).id);
        return { status: 204 };
      }),
    ],
  };
}
