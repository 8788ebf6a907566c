import { tokenRevocation } from 'openid-client';
import type { RegisterCommand } from '../context.ts';
import { ownClient } from '../tokens/own-client.ts';

export const logout: RegisterCommand = (program, run) => {
  program
    .command('logout')
    .description('end the sign-in of this machine, there and here')
    .action((_options: object, command) =>
      run(command, async ({ file, installation: { url }, output }) => {
        const saved = await file.get(url);
        if (saved) {
          // Forgotten here even when the installation can't be reached: then its tokens end by themselves.
          const ended = await tokenRevocation(ownClient(url), saved.refreshToken).then(
            () => true,
            () => false,
          );
          await file.locked(() => file.set(url, undefined));
          if (!ended)
            output.say(`${url} did not answer: the sign-in was forgotten here, but lives on there.`);
        }
        output.result(
          { url, signedOut: saved !== undefined },
          saved ? `Signed out of ${url}.` : `Nobody was signed in to ${url} here.`,
        );
      }),
    );
};
