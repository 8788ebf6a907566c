import type { Connection } from '../connection.ts';
import { type Notice, type NoticeKind, newNotice } from './notice.ts';

/** What is told of a change of a connection; undefined where its health is as it was, so that a failure is told once. */
export function healthNotice(
  old: Connection,
  next: Connection,
  facts: { readonly id: string; readonly at: number },
): Notice | undefined {
  const kind = kindOf(old.health, next.health);
  if (!kind) return undefined;
  const { id, alias, kind: connectionKind, tenantId, username, displayName, createdBy, healthReason } = next;
  return newNotice({
    ...facts,
    kind,
    connection: {
      id,
      alias,
      kind: connectionKind,
      tenantId,
      ...(username === undefined ? {} : { username }),
      ...(displayName === undefined ? {} : { displayName }),
      createdBy,
    },
    ...(healthReason ? { reason: { code: healthReason.code, message: healthReason.message } } : {}),
  });
}

function kindOf(old: Connection['health'], next: Connection['health']): NoticeKind | undefined {
  if (old === next) return undefined;
  if (next === 'needs_sign_in' || next === 'needs_consent') return `connection.${next}`;
  const wasIll = old === 'needs_sign_in' || old === 'needs_consent';
  return next === 'active' && wasIll ? 'connection.recovered' : undefined;
}
