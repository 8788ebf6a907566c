import type { CallerIdentity } from '../broker/caller-identity.ts';
import { speaksOf } from '../broker/judge.ts';
import type { Policies } from '../broker/policies.ts';
import type { Delivery } from '../broker/policy.ts';
import { AppError } from '../errors.ts';
import type { Clock } from '../ports.ts';

/**
 * The connection that a caller means when it names none: the only one that policies grant it in this way. Throws
 * `invalid_request` where there are several. Where there is none the answer is a name that no connection has, so that the
 * caller is refused, and the refusal recorded, like any other.
 */
export type CallerConnection = (caller: CallerIdentity, delivery: Delivery) => Promise<string>;

export function createCallerConnection(deps: {
  readonly policies: Pick<Policies, 'inForce'>;
  readonly clock: Clock;
  /** How this door is told the connection, for the error. */
  readonly tell: string;
}): CallerConnection {
  return async (caller, delivery) => {
    const asked = {
      caller,
      delivery,
      connection: undefined,
      resource: '',
      scopes: [],
      minTtlSeconds: 0,
      now: deps.clock(),
    };
    const policies = await deps.policies.inForce();
    const named = policies
      .filter(({ mode, grant }) => mode === 'enforce' && grant.delivery.includes(delivery))
      .filter((policy) => speaksOf(policy, asked))
      .flatMap(({ grant }) => grant.connection);
    const [only, ...others] = new Set(named);
    if (only === undefined) return noConnection;
    if (others.length > 0 || only.includes('*')) {
      throw new AppError('invalid_request', `This caller may use several connections: ${deps.tell}.`);
    }
    return only;
  };
}

const noConnection = '(none)';
