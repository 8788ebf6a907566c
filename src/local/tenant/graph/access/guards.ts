import { PERSONAL_TENANT } from '../../directory/types.ts';
import type { Exchange, Reply, VerifiedToken } from '../../http/route.ts';
import { HttpFault } from '../../http/route.ts';
import type { Drive } from '../drives/drive.ts';
import type { Editor } from '../drives/edit-item.ts';
import type { Actor, ItemRecord } from '../drives/item-record.ts';
import { faults } from '../errors.ts';
import type { GraphContext } from '../graph-context.ts';
import { cTagOf, eTagOf } from '../render/tags.ts';

/** Who the service says did it: the application, and the person when there is one. */
export function actorOf(token: VerifiedToken): Actor {
  return token.kind === 'user' ? { userId: token.oid, appId: token.appId } : { appId: token.appId };
}

export function editorFor(context: GraphContext, token: VerifiedToken): Editor {
  return {
    actor: actorOf(token),
    // Business drives keep whole seconds.
    now:
      token.tenantId === PERSONAL_TENANT
        ? Math.floor(context.clock())
        : Math.floor(context.clock() / 1000) * 1000,
    newGuid: context.newGuid,
    hashAllowed: context.switches.hashInNames === 'allow',
  };
}

/** If-Match against eTag or cTag (412), and If-None-Match: * against anything that exists. */
export function checkPreconditions(drive: Drive, record: ItemRecord | undefined, exchange: Exchange): void {
  const wanted = exchange.headers['if-match'];
  if (wanted !== undefined && wanted !== '*') {
    if (!/^(W\/)?"[^"]*"$/.test(wanted)) {
      throw faults.badRequest('The entity tag is malformed.', 'malformedEntityTag');
    }
    const tag = wanted.replace(/^W\//, '');
    if (!record || (tag !== eTagOf(drive, record) && tag !== cTagOf(drive, record))) throw faults.changed();
  }
  if (exchange.headers['if-none-match'] === '*' && record) throw faults.changed();
}

/** A write to a locked file, or to one that somebody else has checked out. */
export function checkLock(
  context: GraphContext,
  record: ItemRecord,
  actor: Actor,
  exchange?: Exchange,
): void {
  const { lockedUntil, checkedOutBy } = record.extras ?? {};
  const bypass = /bypass-shared-lock/i.test(exchange?.headers.prefer ?? '');
  if (lockedUntil !== undefined && lockedUntil > context.clock() && !bypass) throw lockedFault(context);
  if (checkedOutBy && (checkedOutBy.userId !== actor.userId || checkedOutBy.appId !== actor.appId)) {
    throw lockedFault(context);
  }
}

function lockedFault(context: GraphContext): HttpFault {
  const message = 'The resource you are attempting to access is locked';
  switch (context.switches.lockedBody) {
    case 'resourceLocked':
      return new HttpFault(423, 'resourceLocked', message);
    case 'accessDenied':
      return new HttpFault(423, 'accessDenied', 'Lock token does not match existing lock');
    default:
      return new HttpFault(423, 'notAllowed', message, { inner: 'resourceLocked' });
  }
}

/** A body whose length is not told is refused. */
export function checkLength(exchange: Exchange): void {
  if (exchange.headers['content-length'] !== undefined || exchange.body.length === 0) return;
  throw new HttpFault(411, 'invalidRequest', 'A Content-Length header is required.');
}

/** Room for `bytes` more in the drive, or 507. */
export function checkQuota(drive: Drive, bytes: number): void {
  if (bytes > 0 && drive.used() + bytes > drive.mood.quota) throw faults.quota();
}

/** A pre-authenticated address needs no token; whether one is refused there is a switch. */
export function checkNoToken(context: GraphContext, exchange: Exchange): void {
  if (context.switches.tokenAtPreauthenticated === 'ignore' || exchange.headers.authorization === undefined)
    return;
  throw new HttpFault(
    401,
    'unauthenticated',
    'This address is pre-authenticated: send no Authorization header.',
  );
}

/** An answer without body. */
export const noContent: Reply = { status: 204 };
