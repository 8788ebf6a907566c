import * as z from 'zod';
import type { Exchange, Reply, Route } from '../../http/route.ts';
import { HttpFault } from '../../http/route.ts';
import { checkNoToken, checkQuota, editorFor } from '../access/guards.ts';
import { findItem } from '../addressing/find-item.ts';
import { itemPath } from '../addressing/item-paths.ts';
import type { Drive } from '../drives/drive.ts';
import {
  type ConflictBehavior,
  checkName,
  type Editor,
  newItem,
  settleName,
  withContent,
} from '../drives/edit-item.ts';
import type { ItemRecord } from '../drives/item-record.ts';
import { childrenOf } from '../drives/remove-item.ts';
import { faults } from '../errors.ts';
import type { GraphContext } from '../graph-context.ts';
import { conflictBehavior, parse } from '../wire/bodies.ts';
import { type GraphRoute, graphRoute } from '../wire/graph-route.ts';

const ask = z.looseObject({
  parentReference: z.looseObject({ driveId: z.string().optional(), id: z.string().optional() }).optional(),
  name: z.string().optional(),
  childrenOnly: z.boolean().optional(),
  includeAllVersionHistory: z.boolean().optional(),
});

interface Work {
  readonly id: string;
  readonly startedAt: number;
  outcome?:
    | { readonly resourceId: string; readonly resourceLocation: string }
    | { readonly code: string; readonly message: string };
}

/** Copies run behind a monitor at another host, which needs no token. */
export function copyRoutes(context: GraphContext): { graph: GraphRoute[]; files: Route[] } {
  const works = new Map<string, Work>();

  function start(exchange: Exchange): Reply {
    const { drive, record, token } = findItem(context, exchange, 'read');
    const wanted = parse(exchange.body.length === 0 ? {} : exchange.json(), ask);
    if (record.parentId === undefined && !wanted.childrenOnly)
      throw faults.badRequest('The root can not be copied: use childrenOnly.');
    if (wanted.childrenOnly && (record.kind !== 'folder' || wanted.name !== undefined))
      throw faults.badRequest('childrenOnly is for folders, and takes no name.');
    const asked = exchange.query.get('@microsoft.graph.conflictBehavior') ?? 'fail';
    const behavior = drive.type === 'personal' ? 'fail' : parse(asked, conflictBehavior);
    const target =
      wanted.parentReference?.driveId === undefined
        ? drive
        : context.drives.byId(wanted.parentReference.driveId);
    if (!target || target.tenantId !== token.tenantId) throw faults.notFound();
    const parentId = wanted.parentReference?.id ?? record.parentId ?? '';
    const parent = target.items.live(parentId === 'root' ? target.rootId : parentId);
    if (parent?.kind !== 'folder') throw faults.notFound();
    context.rights.requireItem(token, target, parent, 'write');
    const editor = editorFor(context, token);
    const name = wanted.name ?? record.name;
    if (!wanted.childrenOnly) checkName(target, name, record.kind === 'folder', editor);
    const work: Work = { id: context.newGuid(), startedAt: context.clock() };
    works.set(work.id, work);
    try {
      checkQuota(target, record.kind === 'file' ? record.size : drive.items.sizeBelow(record.id));
      const copy = { from: drive, record, to: target, parent, name, behavior, editor };
      const versions = wanted.includeAllVersionHistory === true && wanted.name === undefined;
      const made = wanted.childrenOnly
        ? [...childrenOf(drive, record.id)].map((child) =>
            copyInto(context, { ...copy, record: child, name: child.name }),
          )
        : [copyInto(context, copy, versions)];
      const resourceId = (wanted.childrenOnly ? parent : made[0])?.id ?? '';
      const at = `${exchange.urls.graph}/v1.0/drives/${target.id}/items/${resourceId}`;
      work.outcome = { resourceId, resourceLocation: at };
    } catch (error) {
      // What is wrong with the destination is told by the monitor, after the 202.
      if (!(error instanceof HttpFault)) throw error;
      work.outcome = { code: error.code, message: error.message };
    }
    return { status: 202, headers: { location: `${exchange.urls.files}/_api/v2.0/monitor/${work.id}` } };
  }

  function monitor(exchange: Exchange): Reply {
    checkNoToken(context, exchange);
    const work = works.get(exchange.params.work ?? '');
    if (!work) throw faults.notFound();
    const passed = context.clock() - work.startedAt;
    const { copyMs, copyDoneStatus } = context.switches;
    if (passed < copyMs || !work.outcome) {
      const percentageComplete = Math.min(99, (passed / copyMs) * 100);
      return { status: 202, body: { operation: 'ItemCopy', percentageComplete, status: 'inProgress' } };
    }
    if ('code' in work.outcome)
      return { status: 200, body: { id: work.id, status: 'failed', error: work.outcome } };
    const { resourceId, resourceLocation } = work.outcome;
    const done = {
      id: work.id,
      percentageComplete: 100,
      percentComplete: 100,
      resourceId,
      resourceLocation,
      status: 'completed',
    };
    const headers = copyDoneStatus === 303 ? { location: resourceLocation } : {};
    return { status: copyDoneStatus, headers, body: done };
  }

  return {
    graph: [
      graphRoute({
        method: 'POST',
        path: itemPath('/(?:microsoft\\.graph\\.)?copy'),
        display: '/{drive}/{item}/copy',
        summary: 'Copies an item',
        contract: '4.4',
        strict: 'conflicts are told by the monitor',
        units: 2,
        handle: start,
      }),
    ],
    files: [
      {
        listener: 'files',
        method: 'GET',
        path: '/_api/v2.0/monitor/:work',
        summary: 'How far a copy is',
        contract: '4.4',
        strict: 'no token',
        handle: monitor,
      },
    ],
  };
}

interface Copy {
  readonly from: Drive;
  readonly record: ItemRecord;
  readonly to: Drive;
  readonly parent: ItemRecord;
  readonly name: string;
  readonly behavior: ConflictBehavior;
  readonly editor: Editor;
}

function copyInto(context: GraphContext, copy: Copy, versions = false): ItemRecord {
  const { from, record, to, parent, editor } = copy;
  const { name, taken } = settleName(to, parent, copy.name, copy.behavior);
  if (taken && (taken.kind !== 'file' || record.kind !== 'file')) throw faults.nameTaken();
  const file =
    record.kind === 'file' && record.content ? { content: record.content, size: record.size } : undefined;
  const plain = taken && file ? withContent(taken, editor, file) : newItem(to, parent, name, editor, file);
  const history = versions && !taken ? record.extras?.versions : undefined;
  const made = history
    ? { ...plain, contentRevision: record.contentRevision, extras: { ...plain.extras, versions: history } }
    : plain;
  to.commit(made, context.clock());
  if (record.kind === 'folder') {
    for (const child of [...childrenOf(from, record.id)]) {
      copyInto(context, { ...copy, record: child, parent: made, name: child.name, behavior: 'fail' });
    }
  }
  return made;
}
