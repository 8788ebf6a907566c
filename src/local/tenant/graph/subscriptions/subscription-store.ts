import type { StatePart } from '../../state.ts';
import { type Subscription, subscription } from './subscription.ts';

/** All subscriptions that have not expired. */
export interface SubscriptionStore extends StatePart {
  ofApp(appId: string, tenantId: string): Subscription[];
  onTarget(target: string): Subscription[];
  all(): Subscription[];
  find(id: string): Subscription | undefined;
  put(one: Subscription): void;
  remove(id: string): void;
}

export function createSubscriptionStore(clock: () => number, onChange: () => void): SubscriptionStore {
  let known = new Map<string, Subscription>();
  const live = () => [...known.values()].filter((one) => one.expires > clock());
  return {
    all: live,
    ofApp: (appId, tenantId) => live().filter((one) => one.appId === appId && one.tenantId === tenantId),
    onTarget: (target) => live().filter((one) => one.target === target),
    find: (id) => live().find((one) => one.id === id),
    put(one) {
      known.set(one.id, one);
      onChange();
    },
    remove(id) {
      known.delete(id);
      onChange();
    },
    save: () => live(),
    load(value) {
      known = new Map(
        subscription
          .array()
          .parse(value)
          .map((one) => [one.id, one]),
      );
    },
  };
}
