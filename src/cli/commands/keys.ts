import { z } from 'zod';
import type { Context, RegisterCommand } from '../context.ts';
import { facts, table } from '../output.ts';

/** As the API tells it; members of newer versions pass through. */
const keysAnswer = z.looseObject({
  phase: z.string(),
  nextStepAt: z.string().optional(),
  progress: z.object({ seen: z.number(), rewrapped: z.number(), unreadable: z.number() }).optional(),
  rowsLeft: z.number().optional(),
  keys: z.array(
    z.looseObject({ id: z.string(), use: z.string(), createdAt: z.string(), rows: z.number().optional() }),
  ),
});
type Keys = z.infer<typeof keysAnswer>;

export const keys: RegisterCommand = (program, run) => {
  const group = program.command('keys').description('the keys that seal what is stored; for administrators');

  group
    .command('list')
    .description('all versions, and where a rotation stands')
    .option('--rows', 'count the rows that each one seals: reads all of them')
    .action((options: { readonly rows?: boolean }, command) =>
      run(command, async (context) =>
        show(context, await ask(context, 'GET', options.rows ? '?rows=true' : '')),
      ),
    );

  group
    .command('rotate')
    .description('begin a rotation to a new key; it goes on by itself: prepare, active, rewrap, retire')
    .action((_options: object, command) =>
      run(command, async (context) => show(context, await ask(context, 'POST', '/rotate'))),
    );

  group
    .command('retire <key>')
    .description('end a key that no stored row uses')
    .action((id: string, _options: object, command) =>
      run(command, async (context) =>
        show(context, await ask(context, 'POST', `/${encodeURIComponent(id)}/retire`)),
      ),
    );
};

async function ask({ installation, token }: Context, method: 'GET' | 'POST', path: string): Promise<Keys> {
  return installation.api(await token(), method, `/api/keys${path}`, keysAnswer);
}

function show({ output }: Context, found: Keys): void {
  const { phase, nextStepAt, progress, rowsLeft } = found;
  const state = facts([
    ['rotation', phase === 'steady' ? 'none under way' : phase],
    ['goes on at', nextStepAt],
    ['sealed anew', progress && `${progress.rewrapped} of ${progress.seen} rows read`],
    ['rows left', rowsLeft === undefined ? undefined : String(rowsLeft)],
  ]);
  const list = table(
    ['KEY', 'USE', 'MADE', 'ROWS'],
    found.keys.map(({ id, use, createdAt, rows }) => [
      id,
      use,
      createdAt,
      rows === undefined ? '' : String(rows),
    ]),
  );
  output.result(found, `${state}\n\n${list}`);
}
