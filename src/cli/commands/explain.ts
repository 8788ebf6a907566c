import { text as readText } from 'node:stream/consumers';
import { Option } from 'commander';
import { z } from 'zod';
import type { RegisterCommand } from '../context.ts';
import { CliFailure } from '../failure.ts';

interface ExplainOptions {
  readonly caller?: string;
  readonly issuer?: string;
  readonly subject?: string;
  readonly claim?: readonly string[];
  readonly tokenStdin?: boolean;
  readonly audience: string;
  readonly scope?: string;
  readonly delivery: string;
  readonly method?: string;
  readonly path?: string;
}

const explanation = z.looseObject({
  outcome: z.string(),
  reason: z.string(),
  policy: z.string().optional(),
  scopes: z.array(z.string()).optional(),
  excess: z.array(z.string()).optional(),
  policies: z.array(
    z.looseObject({
      name: z.string(),
      mode: z.string(),
      grants: z.boolean(),
      failures: z.array(z.object({ field: z.string(), wanted: z.unknown(), given: z.unknown() })),
    }),
  ),
});

export const explain: RegisterCommand = (program, run) => {
  program
    .command('explain')
    .description('which policy would decide on a caller, and what of each does not fit (administrators)')
    .requiredOption('--audience <connection>', 'alias or id of a connection')
    .option('--caller <id>', 'a caller with a key: cal_…')
    .option('--token-stdin', 'a caller with an OIDC token, which is read from standard input')
    .option('--issuer <url>', 'a caller of an issuer, described by hand')
    .option('--subject <text>', 'with --issuer')
    .option('--claim <name=value...>', 'with --issuer; may be given several times')
    .option('--scope <scopes>', 'separated by spaces')
    .addOption(new Option('--delivery <how>').choices(['token', 'proxy', 'identity']).default('token'))
    .option('--method <method>', 'with --delivery proxy')
    .option('--path <path>', 'with --delivery proxy: below /graph/v1.0')
    .action((options: ExplainOptions, command) =>
      run(command, async ({ installation, output, token }) => {
        const { audience, scope, delivery, method, path } = options;
        const question = { caller: await callerOf(options), audience, delivery, scope, method, path };
        const answer = await installation.api(
          await token(),
          'POST',
          '/api/policies/explain',
          explanation,
          question,
        );
        output.result(answer, describe(answer));
      }),
    );
};

async function callerOf(options: ExplainOptions): Promise<object> {
  const { caller, issuer, subject, tokenStdin } = options;
  if (tokenStdin) return { kind: 'token', token: (await readText(process.stdin)).trim() };
  if (caller !== undefined) return { kind: 'api_key', id: caller };
  if (issuer !== undefined && subject !== undefined) {
    const claims = Object.fromEntries((options.claim ?? []).map(readClaim));
    return { kind: 'oidc', issuer, subject, claims };
  }
  throw new CliFailure('no_caller', 'It is not said who asks.', {
    exit: 'usage',
    next: 'Give --caller, --token-stdin, or --issuer with --subject.',
  });
}

function readClaim(text: string): [string, string] {
  const cut = text.indexOf('=');
  if (cut > 0) return [text.slice(0, cut), text.slice(cut + 1)];
  throw new CliFailure('invalid_claim', 'A claim is written as name=value.', { exit: 'usage' });
}

function describe(answer: z.infer<typeof explanation>): string {
  const decided = answer.policy === undefined ? '' : `, by policy ${answer.policy}`;
  const first =
    answer.outcome === 'granted'
      ? `granted${decided}: ${(answer.scopes ?? []).join(' ')}`
      : `refused (${answer.reason})${decided}`;
  const lines = answer.policies.flatMap(({ name, mode, grants, failures }) => [
    `${grants ? 'fits' : 'does not fit'}  ${name}${mode === 'enforce' ? '' : ` (${mode})`}`,
    ...failures.map(
      ({ field, wanted, given }) =>
        `    ${field}: wanted ${JSON.stringify(wanted)}, given ${JSON.stringify(given)}`,
    ),
  ]);
  const excess = answer.excess?.join(', ');
  const warning =
    excess === undefined
      ? []
      : [
          `but the connection also holds ${excess}: a token that carries what the policy does not grant is refused.`,
          'Grant these too, or .default, or serve the caller by the proxy.',
        ];
  return [first, ...warning, ...lines].join('\n');
}
