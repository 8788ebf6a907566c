import { tmpdir } from 'node:os';
import { isAppError } from '../../errors.ts';
import { openDuck } from '../data/duck.ts';
import { openViews } from '../data/open-views.ts';
import { checkUserQuery } from './check-user-query.ts';

const memoryLimitMb = 64;

/** What is wrong with a query that a user wrote, found without running it: it is read, and its columns looked up in empty views. */
export async function queryProblem(query: string): Promise<string | undefined> {
  const duck = await openDuck({ folder: tmpdir(), memoryLimitMb });
  try {
    await openViews(duck, {});
    await checkUserQuery(duck, query);
    await duck.rows({ text: `EXPLAIN ${query}` });
    return undefined;
  } catch (error) {
    if (isAppError(error, 'invalid_request')) return error.message;
    const [first = ''] = String(error)
      .replace(/^Error: /, '')
      .split('\n');
    return first;
  } finally {
    duck.close();
  }
}
