import { randomBytes } from 'node:crypto';
import { parseArgs } from 'node:util';
import type { LogLevel } from './core-types.ts';
import { logLevels } from './log.ts';

export interface CliOptions {
  readonly app: string;
  readonly port: number;
  readonly hostJson: string | undefined;
  readonly settings: string | undefined;
  readonly json: boolean;
  readonly help: boolean;
  readonly functionKey: string;
  readonly masterKey: string;
  readonly queueLockSeconds: number;
  readonly logLevel: LogLevel;
  readonly logFormat: 'plain' | 'json';
}

export const usage = `Runs an Azure Functions app (Node, v4 model) on this machine.

  --app PATH            file, glob or folder to load (default: "main" of ./package.json)
  --port N              port on 127.0.0.1; 0 = any free one (default 7071)
  --host-json PATH      default: the one beside the app's package.json, else ./host.json
  --settings FILE       local.settings.json; its Values count where the environment has none
  --json                one line of JSON when ready, instead of text
  --function-key KEY    key for authLevel "function" (or FUNCTIONS_FUNCTION_KEY; default random)
  --master-key KEY      key for authLevel "admin" and /admin (or FUNCTIONS_MASTER_KEY; default random)
  --queue-lock SECONDS  how long a message under work is hidden, renewed at half (default 30)
  --log-level LEVEL     ${logLevels.join(', ')} (default information)
  --log-format FORMAT   plain or json (default plain)
`;

/** Reads the command line; throws with a sentence for the user on a flag or value that does not fit. */
export function readCliOptions(args: readonly string[], env: NodeJS.ProcessEnv): CliOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      app: { type: 'string', default: '.' },
      port: { type: 'string', default: '7071' },
      'host-json': { type: 'string' },
      settings: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
      'function-key': { type: 'string' },
      'master-key': { type: 'string' },
      'queue-lock': { type: 'string', default: '30' },
      'log-level': { type: 'string', default: 'information' },
      'log-format': { type: 'string', default: 'plain' },
    },
  });
  const random = () => randomBytes(32).toString('base64url');
  const logLevel = logLevels.find((level) => level === values['log-level']);
  if (!logLevel) throw new Error(`--log-level must be one of ${logLevels.join(', ')}.`);
  const logFormat = values['log-format'];
  if (logFormat !== 'plain' && logFormat !== 'json') throw new Error('--log-format must be plain or json.');
  return {
    app: values.app,
    port: wholeNumber('--port', values.port, 0, 65_535),
    hostJson: values['host-json'],
    settings: values.settings,
    json: values.json,
    help: values.help,
    functionKey: values['function-key'] ?? env.FUNCTIONS_FUNCTION_KEY ?? random(),
    masterKey: values['master-key'] ?? env.FUNCTIONS_MASTER_KEY ?? random(),
    queueLockSeconds: wholeNumber('--queue-lock', values['queue-lock'], 1, 604_800),
    logLevel,
    logFormat,
  };
}

function wholeNumber(flag: string, text: string, low: number, high: number): number {
  const value = Number(text);
  if (text !== '' && Number.isInteger(value) && value >= low && value <= high) return value;
  throw new Error(`${flag} must be a whole number from ${low} to ${high}, not "${text}".`);
}
