import { readFile } from 'node:fs/promises';
import { text as readText } from 'node:stream/consumers';
import { z } from 'zod';
import type { RegisterCommand } from '../context.ts';
import { CliFailure } from '../failure.ts';

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'] as const;

export const api: RegisterCommand = (program, run) => {
  program
    .command('api <method> <path>')
    .description('one request to /api as the person who is signed in, for what has no command of its own')
    .option('--input <file>', 'a JSON body from a file, or from standard input with -')
    .addHelpText('after', '\nSuch as: graph-valet api PUT /api/policies/release-notes --input policy.json')
    .action((given: string, path: string, options: { readonly input?: string }, command) =>
      run(command, async ({ installation, output, token }) => {
        const method = methods.find((each) => each === given.toUpperCase());
        // The token must go to the API and nowhere else.
        if (!method || !/^\/api\/[\w./~?&=%:@$-]*$/.test(path) || path.includes('..')) {
          throw new CliFailure('invalid_call', 'A method and a path below /api are wanted.', {
            exit: 'usage',
            next: 'graph-valet api GET /api/openapi.json lists what there is.',
          });
        }
        const body = options.input === undefined ? undefined : await readBody(options.input);
        const answer = await installation.api(await token(), method, path, z.unknown(), body);
        output.result(answer ?? {}, answer === undefined ? '' : JSON.stringify(answer, null, 2));
      }),
    );
};

async function readBody(file: string): Promise<unknown> {
  try {
    return JSON.parse(file === '-' ? await readText(process.stdin) : await readFile(file, 'utf8'));
  } catch {
    throw new CliFailure('invalid_input', `${file === '-' ? 'Standard input' : file} holds no JSON.`, {
      exit: 'usage',
    });
  }
}
