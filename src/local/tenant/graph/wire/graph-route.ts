import type { Exchange, Reply, Route } from '../../http/route.ts';

/** A route that knows its price and how to show its path to people. */
export interface GraphRoute extends Route {
  /** The path as documentation writes it: `/{drive}/{item}/children`. */
  readonly display: string;
  /** Resource units of a call; 0 for what isn't charged. */
  readonly units: number | ((exchange: Exchange) => number);
}

type Draft = Omit<GraphRoute, 'listener' | 'units'> & { readonly units?: GraphRoute['units'] };

/** A route of graph.microsoft.com; free unless it has a price. */
export function graphRoute(draft: Draft): GraphRoute {
  return { units: 0, ...draft, listener: 'graph' };
}

export type Handle = (exchange: Exchange) => Reply | Promise<Reply>;
