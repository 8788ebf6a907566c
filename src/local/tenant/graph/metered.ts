import type { Exchange, Reply, Route } from '../http/route.ts';
import { HttpFault } from '../http/route.ts';
import type { Ledger } from '../ledger.ts';
import type { GraphContext } from './graph-context.ts';
import type { GraphRoute } from './wire/graph-route.ts';

/** The route behind the budget of resource units: charged also when refused, told about from 80 %. */
export function metered(context: GraphContext, ledger: Ledger, route: GraphRoute): Route {
  const { units } = route;
  if (units === 0) return route;
  return {
    ...route,
    async handle(exchange: Exchange): Promise<Reply> {
      const { token } = exchange;
      if (!token) return route.handle(exchange);
      const price = typeof units === 'number' ? units : units(exchange);
      const charge = context.budget.charge(token.appId, token.tenantId, price);
      ledger.add('resourceUnits', price);
      const headers: Record<string, string> = charge.tell
        ? {
            'ratelimit-limit': String(charge.limit),
            'ratelimit-remaining': String(charge.remaining),
            'ratelimit-reset': String(charge.reset),
          }
        : {};
      if (!charge.allowed) {
        ledger.add('throttled');
        throw new HttpFault(429, 'activityLimitReached', 'The application or user has been throttled.', {
          inner: 'throttledRequest',
          headers: { ...headers, 'retry-after': String(charge.reset) },
        });
      }
      const reply = await route.handle(exchange);
      return { ...reply, headers: { ...headers, ...reply.headers } };
    },
  };
}
