import { z } from 'zod';
import { newId, type Ports } from '../../ports.ts';
import type { RowPlace } from '../../storage/rewrite.ts';
import type { Storage } from '../../storage/storage.ts';
import type { Row } from '../../storage/table.ts';
import { type FormerPerson, type Pseudonym, withoutPerson } from './without-person.ts';

const erasure = z.object({
  person: z.object({
    objectId: z.string(),
    usernames: z.array(z.string()),
    aliases: z.array(z.string()),
  }),
  pseudonym: z.object({ objectId: z.string(), name: z.string() }),
  /** The next table, and the row where time ran out. */
  step: z.number().int(),
  after: z.object({ partition: z.string(), row: z.string() }).optional(),
});
type Erasure = z.infer<typeof erasure>;

/** Names of people who were erased, until every row that names them was changed. */
export interface Erasures {
  /** What will stand for the person from now on; nothing links the two once the work is done. */
  newPseudonym(): Pseudonym;
  /** Notes what is to be done, so that it is done even if this process ends. Resolves to its id. */
  begin(person: FormerPerson, pseudonym: Pseudonym): Promise<string>;
  /** Goes on with one, or with all that are under way, for at most so long. True when nothing is left to do. */
  work(milliseconds: number, id?: string): Promise<boolean>;
}

/** Rows that name people, and how far a name may be replaced in them without breaking what they mean. */
const tables = [
  { table: 'connections', texts: false },
  { table: 'callers', texts: true },
  { table: 'policies', texts: false },
  { table: 'jobs', texts: false },
  { table: 'rules', texts: false },
  { table: 'flows', partition: 'consent-link', sealed: true, texts: false },
  { table: 'flows', partition: 'device-sign-in', sealed: true, texts: true },
  { table: 'runs', texts: false },
  { table: 'operations', texts: false },
  { table: 'audit', texts: true },
] as const satisfies readonly {
  table: string;
  texts: boolean;
  partition?: string;
  sealed?: boolean;
}[];

const partition = 'erasure';

export function createErasures(deps: {
  readonly storage: Pick<Storage, 'sealedTable' | 'rewrite'>;
  readonly ports: Pick<Ports, 'clock' | 'random' | 'log'>;
}): Erasures {
  const { storage, ports } = deps;
  const { clock, random, log } = ports;
  const rows = storage.sealedTable({ name: 'erasures', schema: erasure });

  /** The erasure as far as it came until `until`; undefined when it is done. */
  async function goOn(begun: Erasure, until: number): Promise<Erasure | undefined> {
    const { person, pseudonym } = begun;
    let after: RowPlace | undefined = begun.after;
    for (let step = begun.step; step < tables.length; step += 1) {
      const next = tables[step];
      if (!next) break;
      const { stoppedAt } = await storage.rewrite({
        ...next,
        after,
        until,
        change: (document) => withoutPerson(document, person, pseudonym, next),
      });
      if (stoppedAt) return { person, pseudonym, step, after: stoppedAt };
      after = undefined;
    }
    return undefined;
  }

  async function workOn(row: Row<Erasure>, until: number): Promise<boolean> {
    const left = await goOn(row.value, until);
    if (left) await rows.upsert(partition, row.row, left);
    else await rows.remove(partition, row.row);
    if (!left) log.info('person_erased', { erasure: row.row });
    return left === undefined;
  }

  return {
    newPseudonym() {
      const hex = random(16).toString('hex');
      return {
        objectId: `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`,
        name: newId('erased', random).replace('_', '-'),
      };
    },

    async begin(person, pseudonym) {
      const id = newId('era', random);
      const { objectId, usernames, aliases } = person;
      await rows.insert(partition, id, {
        person: { objectId, usernames: [...usernames], aliases: [...aliases] },
        pseudonym,
        step: 0,
      });
      return id;
    },

    async work(milliseconds, id) {
      const until = clock() + milliseconds;
      let done = true;
      for await (const row of rows.list({ partition })) {
        if (id !== undefined && row.row !== id) continue;
        if (!(await workOn(row, until))) done = false;
        if (clock() >= until) return false;
      }
      return done;
    },
  };
}
