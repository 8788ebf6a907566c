import { z } from 'zod';
import { type Connection, connection, connectionPage } from '../connection.ts';
import type { Context, RegisterCommand } from '../context.ts';
import { CliFailure } from '../failure.ts';
import { facts, table } from '../output.ts';

export const connections: RegisterCommand = (program, run) => {
  const group = program.command('connections').description('the stored rights to act on Microsoft Graph');

  group
    .command('list')
    .description('all that you may see')
    .option('--user <name>', 'only those of this user name')
    .action((options: { readonly user?: string }, command) =>
      run(command, async (context) => {
        const found = await listConnections(context, options.user);
        if (found.length === 0) context.output.say('No connection yet. Next: graph-valet connect');
        context.output.result(
          found,
          table(
            ['ALIAS', 'KIND', 'HEALTH', 'ACTS AS', 'ID'],
            found.map(({ alias, kind, health, username, tenantId, id }) => [
              alias,
              kind,
              health,
              username ?? tenantId,
              id,
            ]),
          ),
        );
      }),
    );

  group
    .command('show <connection>')
    .description('one connection, by alias or id')
    .action((name: string, _options: object, command) =>
      run(command, async (context) => show(context, await ask(context, 'GET', name, connection))),
    );

  group
    .command('refresh <connection>')
    .description('fetch a new token now, to see whether the connection works; it is not printed')
    .action((name: string, _options: object, command) =>
      run(command, async (context) =>
        show(context, await ask(context, 'POST', name, connection, '/refresh')),
      ),
    );

  group
    .command('remove <connection>')
    .description('end a connection: its tokens are erased, its sessions end')
    .option('--yes', 'really')
    .action((name: string, options: { readonly yes?: boolean }, command) =>
      run(command, async (context) => {
        const found = await ask(context, 'GET', name, connection);
        if (!options.yes) {
          throw new CliFailure(
            'confirmation_needed',
            `This erases the tokens of ${found.alias}; whoever uses them gets none from then on.`,
            { exit: 'usage', next: `graph-valet connections remove ${name} --yes` },
          );
        }
        await ask(context, 'DELETE', found.id, z.undefined());
        context.output.result({ id: found.id, removed: true }, `Removed ${found.alias}.`);
      }),
    );
};

/** Every page of the list. */
export async function listConnections(
  { installation, token }: Pick<Context, 'installation' | 'token'>,
  username?: string,
): Promise<Connection[]> {
  const filter = username === undefined ? '' : `&username=${encodeURIComponent(username)}`;
  const found: Connection[] = [];
  let next: string | undefined = `/api/connections?limit=1000${filter}`;
  while (next !== undefined) {
    const page: z.infer<typeof connectionPage> = await installation.api(
      await token(),
      'GET',
      next,
      connectionPage,
    );
    found.push(...page.value);
    const link = page.nextLink === undefined ? undefined : new URL(page.nextLink);
    next = link && link.pathname + link.search;
  }
  return found;
}

async function ask<T>(
  { installation, token }: Context,
  method: 'GET' | 'POST' | 'DELETE',
  name: string,
  shape: z.ZodType<T>,
  more = '',
): Promise<T> {
  return installation.api(
    await token(),
    method,
    `/api/connections/${encodeURIComponent(name)}${more}`,
    shape,
  );
}

function show({ output }: Context, found: Connection): void {
  output.result(
    found,
    facts([
      ['alias', found.alias],
      ['id', found.id],
      ['kind', found.kind],
      ['health', found.health],
      ['because', found.healthReason && `${found.healthReason.message} (${found.healthReason.code})`],
      ['acts as', found.username],
      ['tenant', found.tenantId],
      ['permissions', found.scopes.join(' ')],
      ['last token', found.lastTokenAt],
    ]),
  );
}
