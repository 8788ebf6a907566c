import { z } from 'zod';
import { isAppError } from '../errors.ts';
import type { Clock } from '../ports.ts';
import type { Storage } from '../storage/storage.ts';
import type { CallerIdentity } from './caller-identity.ts';
import { createFlowRows } from './flows/flow-rows.ts';
import type { Policy } from './policy.ts';

/** Tokens that were accepted once, where a policy says once. */
export interface SpentProofs {
  /** False for a token that any instance has accepted before. True at once where the policy does not ask. */
  accept(caller: CallerIdentity, policy: Policy): Promise<boolean>;
}

export function createSpentProofs(storage: Pick<Storage, 'sealedTable'>, clock: Clock): SpentProofs {
  const rows = createFlowRows(storage, clock, { partition: 'proof', schema: z.literal('spent') });
  return {
    async accept(caller, policy) {
      if (policy.caller.kind !== 'oidc' || !policy.caller.singleUse) return true;
      // Without the token itself nothing says that it is new.
      if (caller.kind !== 'oidc' || !caller.proof) return false;
      const { sha256, expiresAt } = caller.proof;
      try {
        // A minute more than it lives: clocks differ.
        await rows.put(sha256, 'spent', Math.ceil((expiresAt - clock()) / 1000) + 60);
        return true;
      } catch (error) {
        if (isAppError(error, 'conflict')) return false;
        throw error;
      }
    },
  };
}
