import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

export type AuthLevel = 'anonymous' | 'function' | 'admin';

export interface FunctionKeys {
  /** True when the request carries a key that is good for `level` (`x-functions-key` or `?code=`). */
  allows(level: AuthLevel, request: IncomingMessage): boolean;
}

/** Keys compared in constant time. The master key is good for every level, the function key for `function`. */
export function createFunctionKeys(functionKey: string, masterKey: string): FunctionKeys {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  const functionDigest = digest(functionKey);
  const masterDigest = digest(masterKey);
  return {
    allows(level, request) {
      if (level === 'anonymous') return true;
      const given = digest(presentedKey(request));
      const isMaster = timingSafeEqual(given, masterDigest);
      const isFunction = timingSafeEqual(given, functionDigest);
      return isMaster || (level === 'function' && isFunction);
    },
  };
}

function presentedKey(request: IncomingMessage): string {
  const header = request.headers['x-functions-key'];
  if (typeof header === 'string' && header !== '') return header;
  const url = request.url ?? '';
  const query = url.indexOf('?');
  return query < 0 ? '' : (new URLSearchParams(url.slice(query)).get('code') ?? '');
}
