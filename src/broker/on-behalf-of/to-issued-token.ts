import { sha256 } from '../digest.ts';
import type { IssuedToken } from '../issued-token.ts';
import type { StoredAnswer } from '../stored-answer.ts';

export function toIssuedToken(
  answer: StoredAnswer,
  tenantId: string,
  source: IssuedToken['source'],
): IssuedToken {
  const { accessToken, expiresAt, scopes, objectId } = answer;
  return { accessToken, sha256: sha256(accessToken), expiresAt, scopes, tenantId, objectId, source };
}
