import type { RegisterCommand } from '../context.ts';
import { facts } from '../output.ts';
import { whoAmI } from '../session.ts';

export const status: RegisterCommand = (program, run) => {
  program
    .command('status')
    .alias('whoami')
    .description('who is signed in, and where')
    .action((_options: object, command) =>
      run(command, async ({ installation, output, token }) => {
        const who = await whoAmI(installation, await token());
        output.result(
          { url: installation.url, ...who },
          facts([
            ['installation', installation.url],
            ['signed in as', `${who.name} (${who.username})`],
            ['administrator', who.administrator ? 'yes' : 'no'],
            ['connection', who.connectionId],
            ['tenant', who.tenantId],
          ]),
        );
      }),
    );
};
