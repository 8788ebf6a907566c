import { z } from 'zod';
import { isAppError } from '../../errors.ts';
import type { Clock } from '../../ports.ts';
import type { Storage } from '../../storage/storage.ts';
import { digest } from '../journal/operation.ts';
import { decideFiring, type FiringDecision, type Firings } from './firings.ts';

interface Item {
  readonly rule: string;
  readonly driveId: string;
  readonly itemId: string;
}
interface ItemState extends Item {
  readonly eTag: string;
}

/** What rules remember so that they don't run after themselves: table `echoes`, one partition for each rule. */
export interface RuleMemory {
  /** The state that a rule's own write left. */
  addEcho(written: ItemState): Promise<void>;
  isEcho(seen: ItemState): Promise<boolean>;
  /** True when the rule fired for an earlier state of the item. */
  firedBefore(seen: ItemState): Promise<boolean>;
  /** Counts a firing and says whether it may go ahead. */
  fire(seen: ItemState & { readonly ruleVersion: number }): Promise<FiringDecision['kind']>;
  /** Takes back that the rule fired for this state. */
  forget(seen: ItemState): Promise<void>;
}

const echoSeconds = 24 * 60 * 60;
/** Longer than a file may count as new (event.ts), so that it can't be new twice. */
const firingSeconds = 30 * 24 * 60 * 60;

const echoRow = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('echo'), at: z.number() }),
  z.object({
    kind: z.literal('firings'),
    at: z.number(),
    fired: z.array(z.object({ state: z.string(), at: z.number() })),
    quarantined: z.int().optional(),
  }),
]);

export function createRuleMemory(storage: Pick<Storage, 'table'>, clock: Clock): RuleMemory {
  const table = storage.table({
    name: 'echoes',
    schema: echoRow,
    expiresAt: ({ kind, at }) => Math.floor(at / 1000) + (kind === 'echo' ? echoSeconds : firingSeconds),
  });

  const echoKey = ({ driveId, itemId, eTag }: ItemState) => `e-${digest([driveId, itemId, eTag])}`;
  const firingsKey = ({ driveId, itemId }: Item) => `f-${digest([driveId, itemId])}`;

  async function read(item: Item) {
    const row = await table.get(item.rule, firingsKey(item));
    return row?.value.kind === 'firings' ? { row, firings: row.value } : undefined;
  }

  /** Changes what is remembered of an item; a writer that came between is read again. */
  async function change<R>(
    item: Item,
    decide: (known: Firings | undefined) => { next?: Firings; answer: R },
  ) {
    for (let tries = 0; ; tries += 1) {
      const known = await read(item);
      const { next, answer } = decide(known?.firings);
      if (!next) return answer;
      const value = {
        kind: 'firings' as const,
        at: clock(),
        fired: [...next.fired],
        ...(next.quarantined === undefined ? {} : { quarantined: next.quarantined }),
      };
      try {
        if (known) await table.replace(known.row, value);
        else await table.insert(item.rule, firingsKey(item), value);
        return answer;
      } catch (error) {
        const raced = isAppError(error, 'precondition_failed') || isAppError(error, 'conflict');
        if (!raced || tries >= 4) throw error;
      }
    }
  }

  return {
    async addEcho(written) {
      await table.upsert(written.rule, echoKey(written), { kind: 'echo', at: clock() });
    },
    async isEcho(seen) {
      return (await table.get(seen.rule, echoKey(seen))) !== undefined;
    },
    async firedBefore(seen) {
      const state = digest([seen.eTag]);
      return (await read(seen))?.firings.fired.some((one) => one.state !== state) ?? false;
    },
    fire: (seen) =>
      change(seen, (known) => {
        const decision = decideFiring(known, digest([seen.eTag]), seen.ruleVersion, clock());
        return 'next' in decision
          ? { next: decision.next, answer: decision.kind }
          : { answer: decision.kind };
      }),
    forget: (seen) =>
      change(seen, (known) => {
        const state = digest([seen.eTag]);
        const fired = known?.fired.filter((one) => one.state !== state) ?? [];
        if (!known || fired.length === known.fired.length) return { answer: undefined };
        return { next: { ...known, fired }, answer: undefined };
      }),
  };
}
