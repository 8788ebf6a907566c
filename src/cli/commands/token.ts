import { Option } from 'commander';
import { z } from 'zod';
import { type CallerProof, callerProof } from '../caller-proof.ts';
import type { Context, RegisterCommand } from '../context.ts';
import { CliFailure } from '../failure.ts';
import type { Output } from '../output.ts';
import { whoAmI } from '../session.ts';

interface TokenOptions {
  readonly audience?: string;
  readonly scope?: string;
  readonly resource?: string;
  readonly minTtl?: number;
  readonly format: 'raw' | 'json' | 'header';
}

const answer = z.object({
  access_token: z.string(),
  token_type: z.string(),
  expires_in: z.number(),
  scope: z.string().optional(),
});
type Answer = z.infer<typeof answer>;

export const token: RegisterCommand = (program, run) => {
  program
    .command('token')
    .description('a Microsoft Graph token on standard output')
    .option('--audience <connection>', 'alias or id of a connection; a person’s own unless given')
    .option('--scope <scopes>', 'Graph permissions, separated by spaces; what the policy grants unless given')
    .option('--resource <id>', 'identifier of another API than Microsoft Graph')
    .option('--min-ttl <time>', 'how long it must still live: 300, 5m or 1h', readSeconds)
    .addOption(
      new Option('--format <how>', 'header: a line for curl -H @-')
        .choices(['raw', 'json', 'header'])
        .default('raw'),
    )
    .addHelpText('after', proofHelp)
    .action((options: TokenOptions, command) => run(command, (context) => print(context, options)));
};

const proofHelp = `
Who asks is proved by the first of: GRAPH_VALET_CALLER_ID and GRAPH_VALET_CALLER_KEY; a token in GRAPH_VALET_ID_TOKEN;
a GitHub Actions job with id-token: write; the person who is signed in here (graph-valet login), for a connection of theirs.`;

async function print(context: Context, options: TokenOptions): Promise<void> {
  const { environment, installation } = context;
  const proof = await callerProof(environment, installation.url, (...call) => globalThis.fetch(...call));
  show(
    context.output,
    options.format,
    await (proof ? asCaller(context, proof, options) : asPerson(context, options)),
  );
}

/** Of their own connection, where a policy lets programs of people have one. */
async function asPerson({ installation, token }: Context, options: TokenOptions): Promise<Answer> {
  const { scope, resource, minTtl } = options;
  const bearer = await token();
  const name = options.audience ?? (await whoAmI(installation, bearer)).connectionId;
  const path = `/api/connections/${encodeURIComponent(name)}/token`;
  return installation.api(bearer, 'POST', path, answer, { scope, resource, min_ttl: minTtl });
}

async function asCaller(
  { installation }: Context,
  proof: CallerProof,
  options: TokenOptions,
): Promise<Answer> {
  if (options.audience === undefined) {
    throw new CliFailure('no_audience', 'It is not said which connection the token is wanted of.', {
      exit: 'usage',
      next: 'Give --audience with the alias of a connection.',
    });
  }
  return installation.form(
    '/oauth2/token',
    {
      ...proof.form,
      audience: options.audience,
      ...(options.scope === undefined ? {} : { scope: options.scope }),
      ...(options.resource === undefined ? {} : { resource: options.resource }),
      ...(options.minTtl === undefined ? {} : { min_ttl: String(options.minTtl) }),
    },
    answer,
    proof.headers,
  );
}

function show(output: Output, format: TokenOptions['format'], given: Answer): void {
  const expiresAt = new Date(Date.now() + given.expires_in * 1000).toISOString();
  if (output.json || format === 'json') {
    output.raw(`${JSON.stringify({ version: 1, ...given, expires_at: expiresAt })}\n`);
  } else {
    output.raw(format === 'header' ? `Authorization: Bearer ${given.access_token}` : given.access_token);
  }
}

function readSeconds(text: string): number {
  const [, number, unit = 's'] = /^(\d{1,6})([smh]?)$/.exec(text) ?? [];
  if (number === undefined) {
    throw new CliFailure('invalid_time', '--min-ttl is a number of seconds, or such as 5m or 1h.', {
      exit: 'usage',
    });
  }
  return Number(number) * ({ s: 1, m: 60, h: 3600 }[unit || 's'] ?? 1);
}
