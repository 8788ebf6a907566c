import { randomBytes } from 'node:crypto';
import type { Exchange } from '../../http/route.ts';

/** One person who is signed in to this browser. */
export interface SignedIn {
  readonly userId: string;
  /** Epoch seconds of the last time that a password was given. */
  readonly authTime: number;
  readonly methods: readonly string[];
}

/** Who is signed in to which browser: a cookie of the sign-in pages. Forgotten when the tenant stops. */
export interface BrowserSessions {
  of(exchange: Exchange): readonly SignedIn[];
  /** The cookie to set. */
  add(exchange: Exchange, person: SignedIn): string;
  /** Signs everybody out of this browser; the cookie to set. */
  end(exchange: Exchange): string;
}

const NAME = 'ESTSAUTH';

export function createBrowserSessions(): BrowserSessions {
  const known = new Map<string, SignedIn[]>();
  const idOf = (exchange: Exchange) =>
    new RegExp(`(?:^|;\\s*)${NAME}=([\\w-]+)`).exec(exchange.headers.cookie ?? '')?.[1];
  return {
    of: (exchange) => known.get(idOf(exchange) ?? '') ?? [],
    add(exchange, person) {
      const old = idOf(exchange);
      const id = old !== undefined && known.has(old) ? old : randomBytes(24).toString('base64url');
      const others = (known.get(id) ?? []).filter((one) => one.userId !== person.userId);
      known.set(id, [...others, person]);
      return `${NAME}=${id}; Path=/; HttpOnly; SameSite=Lax`;
    },
    end(exchange) {
      known.delete(idOf(exchange) ?? '');
      return `${NAME}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0`;
    },
  };
}
