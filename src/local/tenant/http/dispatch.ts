import { toErrorReply } from './error-reply.ts';
import { matchRoutes } from './match-routes.ts';
import type { Exchange, Reply, Route, VerifiedToken } from './route.ts';
import { HttpFault } from './route.ts';

/** What became of an exchange: the answer, and the route's name for the counters. */
export interface Outcome {
  readonly reply: Reply;
  readonly label: string;
}

export type Dispatch = (exchange: Exchange) => Promise<Outcome>;

/**
 * Finds the route, verifies the bearer token where the graph listener needs one, and turns refusals into answers.
 * Unknown paths answer 501 with method and path; an unexpected error is reported and answers 500.
 */
export function createDispatch(parts: {
  readonly routes: readonly Route[];
  /** Verifies a Graph token; throws HttpFault 401 with its challenge. */
  readonly authorize: (exchange: Exchange) => Promise<VerifiedToken>;
  readonly clock: () => number;
  readonly report: (error: unknown) => void;
}): Dispatch {
  const match = matchRoutes(parts.routes);
  return async (exchange) => {
    const found = match(exchange.listener, exchange.method, exchange.url.pathname);
    const label = found ? `${found.route.method} ${toLabel(found.route)}` : `${exchange.method} (unknown)`;
    try {
      if (!found) throw unknown(exchange);
      const needsToken = exchange.listener === 'graph' && !found.route.anonymous;
      const token = needsToken ? { token: await parts.authorize(exchange) } : {};
      return { reply: await found.route.handle({ ...exchange, params: found.params, ...token }), label };
    } catch (error) {
      if (!(error instanceof HttpFault)) parts.report(error);
      const fault =
        error instanceof HttpFault
          ? error
          : new HttpFault(500, 'generalException', 'The local tenant failed.');
      return { reply: toErrorReply(exchange, fault, parts.clock()), label };
    }
  };
}

function unknown(exchange: Exchange): HttpFault {
  const what = `${exchange.method} ${exchange.url.pathname}`;
  return new HttpFault(
    501,
    'notSupported',
    `The local tenant does not play ${what} (listener ${exchange.listener}).`,
  );
}

/** How the counters name a route: as documentation writes its path, where it says so. */
function toLabel(route: Route): string {
  if ('display' in route) return String(route.display);
  return typeof route.path === 'string' ? route.path : route.path.source;
}
