import { homedir } from 'node:os';
import path from 'node:path';

/** What the command line takes from the environment; this file is the one place of it that reads there. */
export interface CliEnvironment {
  /** Address of the installation. */
  readonly url: string | undefined;
  /** Folder of the saved sign-ins. */
  readonly configFolder: string;
  /** A caller with a key, for jobs that have one. */
  readonly caller: { readonly id: string; readonly key: string } | undefined;
  /** A token of an OIDC issuer that the job was given (GitLab, Kubernetes and others). */
  readonly idToken: string | undefined;
  /** Where a GitHub Actions job with `id-token: write` asks for such a token. */
  readonly gitHub: { readonly url: string; readonly token: string } | undefined;
  /** False where no browser can be expected: a shell over SSH, a machine without a screen. */
  readonly hasBrowser: boolean;
  /** The program that opens an address, where the person chose one. */
  readonly browser: string | undefined;
}

export function readEnvironment(
  env: Readonly<Record<string, string | undefined>> = process.env,
  platform: NodeJS.Platform = process.platform,
): CliEnvironment {
  const given = (name: string) => env[name] || undefined;
  const [callerId, callerKey] = [given('GRAPH_VALET_CALLER_ID'), given('GRAPH_VALET_CALLER_KEY')];
  const [askUrl, askToken] = [given('ACTIONS_ID_TOKEN_REQUEST_URL'), given('ACTIONS_ID_TOKEN_REQUEST_TOKEN')];
  const screen = platform !== 'linux' || given('DISPLAY') || given('WAYLAND_DISPLAY') || given('BROWSER');
  return {
    url: given('GRAPH_VALET_URL'),
    configFolder: path.join(configRoot(given, platform), 'graph-valet'),
    caller: callerId && callerKey ? { id: callerId, key: callerKey } : undefined,
    idToken: given('GRAPH_VALET_ID_TOKEN'),
    gitHub: askUrl && askToken ? { url: askUrl, token: askToken } : undefined,
    hasBrowser: Boolean(screen) && !given('SSH_CONNECTION') && !given('CI'),
    browser: given('BROWSER'),
  };
}

function configRoot(given: (name: string) => string | undefined, platform: NodeJS.Platform): string {
  if (platform === 'win32') return given('APPDATA') ?? path.join(homedir(), 'AppData', 'Roaming');
  return given('XDG_CONFIG_HOME') ?? path.join(homedir(), '.config');
}
