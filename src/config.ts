import { z } from 'zod';
import { AppError } from './errors.ts';

/** Of this app, as package.json has it. */
export const version = '0.1.0';

/** Everything that an installation can set. The one place that reads the environment; a wrong value stops the start. */
export interface Config {
  /** True on Azure: loopback addresses of Microsoft's services are refused there. */
  readonly inAzure: boolean;
  /** Where browsers and callers reach this app, without a trailing slash. */
  readonly publicUrl: string;
  /** Where Microsoft sends change notifications; the public URL unless set. */
  readonly notificationUrl: string;
  readonly entra: {
    readonly tenantId: string;
    readonly clientId: string;
    /** https origin of the identity platform. */
    readonly authorityHost: string;
    /** How the app proves itself, see broker/app-credential. */
    readonly credential: 'federated' | 'certificate' | 'secret';
    readonly tokenExchangeAudience: string;
    readonly managedIdentityClientId: string | undefined;
  };
  /** https origin of Microsoft Graph. */
  readonly graphUrl: string;
  readonly vaultUrl: string;
  readonly storage: StorageConfig;
  /** Object ids of the people who may administer this installation. */
  readonly administrators: ReadonlySet<string>;
  /** Issuers whose OIDC tokens are accepted from callers. Empty: none. */
  readonly trustedIssuers: readonly string[];
  /** How many requests of one caller one instance takes in a minute. */
  readonly requestsPerMinute: number;
  /** Ways to a connection beside the sign-in of a work account in the browser. */
  readonly signIn: {
    readonly deviceCode: boolean;
    readonly password: boolean;
    /** Personal Microsoft accounts; the app registration must allow them too. */
    readonly personal: boolean;
    /** Permissions of Microsoft Graph that a sign-in may ask for beside the usual ones. */
    readonly extraScopes: readonly string[];
  };
  /** A key that sealed for so many days is followed by a new one; 0: only when an administrator asks. */
  readonly keyRotationDays: number;
  /** Who is told when a connection needs a person, or a credential expires. Nobody, where nothing is set. */
  readonly notices: {
    readonly webhook: { readonly url: string; readonly secretName: string } | undefined;
    readonly mail: { readonly connection: string; readonly from: string } | undefined;
  };
}

export type StorageConfig =
  | { readonly kind: 'connectionString'; readonly connectionString: string }
  | {
      readonly kind: 'identity';
      readonly tableUrl: string;
      readonly queueUrl: string;
      readonly blobUrl: string;
      readonly clientId: string | undefined;
    };

const guid = z.guid('must be a GUID');
const list = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter(Boolean),
  );
const origin = z.url('must be a URL').transform((text) => text.replace(/\/+$/, ''));

const environment = z.object({
  GRAPH_VALET_PUBLIC_URL: origin,
  GRAPH_VALET_NOTIFICATION_URL: origin.optional(),
  GRAPH_VALET_ADMINISTRATORS: list.pipe(z.array(guid).min(1, 'must name at least one object id')),
  GRAPH_VALET_TRUSTED_ISSUERS: list.pipe(z.array(z.url('must be a list of issuer URLs'))),
  GRAPH_VALET_REQUESTS_PER_MINUTE: z.coerce.number().int().min(1).max(1_000_000).default(6_000),
  GRAPH_VALET_SIGN_IN_WAYS: list.pipe(
    z.array(z.enum(['device_code', 'password', 'personal'], 'knows device_code, password and personal')),
  ),
  GRAPH_VALET_EXTRA_SCOPES: list.pipe(
    z.array(z.string().regex(/^[\w.-]{1,128}$/, 'must be a list of permissions of Microsoft Graph')),
  ),
  GRAPH_VALET_KEY_ROTATION_DAYS: z.coerce.number().int().min(0).max(3_650).default(0),
  GRAPH_VALET_NOTICE_WEBHOOK: z.url('must be a URL').optional(),
  GRAPH_VALET_NOTICE_WEBHOOK_SECRET: z
    .string()
    .regex(/^[0-9A-Za-z-]{1,127}$/, 'must be the name of a secret in Key Vault')
    .optional(),
  GRAPH_VALET_NOTICE_MAIL_CONNECTION: z.string().optional(),
  GRAPH_VALET_NOTICE_MAIL_FROM: z.email('must be a mail address').optional(),
  ENTRA_TENANT_ID: guid,
  ENTRA_CLIENT_ID: guid,
  ENTRA_AUTHORITY_HOST: origin.default('https://login.microsoftonline.com'),
  ENTRA_CREDENTIAL: z.enum(['federated', 'certificate', 'secret']).default('federated'),
  TOKEN_EXCHANGE_AUDIENCE: z.string().default('api://AzureADTokenExchange'),
  AZURE_CLIENT_ID: guid.optional(),
  GRAPH_URL: origin.default('https://graph.microsoft.com'),
  KEY_VAULT_URI: origin,
  DataStorage: z.string().min(1).optional(),
  DataStorage__tableServiceUri: origin.optional(),
  DataStorage__queueServiceUri: origin.optional(),
  DataStorage__blobServiceUri: origin.optional(),
  DataStorage__clientId: guid.optional(),
  WEBSITE_INSTANCE_ID: z.string().optional(),
});

const hints: Record<string, string> = {
  GRAPH_VALET_PUBLIC_URL: 'the address of this app, such as https://valet.contoso.com',
  GRAPH_VALET_ADMINISTRATORS: 'object ids (from Entra) of the administrators, separated by commas',
  ENTRA_TENANT_ID: 'the directory (tenant) id of the app registration',
  ENTRA_CLIENT_ID: 'the application (client) id of the app registration',
  KEY_VAULT_URI: 'the address of the key vault, such as https://contoso.vault.azure.net',
  GRAPH_VALET_NOTICE_WEBHOOK: 'the https address that notices are sent to',
  GRAPH_VALET_NOTICE_WEBHOOK_SECRET: 'the name of the Key Vault secret that signs notices',
  GRAPH_VALET_NOTICE_MAIL_CONNECTION: 'the alias of the app connection that sends notices by mail',
  GRAPH_VALET_NOTICE_MAIL_FROM: 'the mailbox that notices come from',
  DataStorage: 'a storage connection string, or DataStorage__tableServiceUri and its queue and blob twins',
};

/** Parses the settings, or throws `setting_invalid` with one line for each setting that is missing or wrong. */
export function readConfig(env: Readonly<Record<string, string | undefined>> = process.env): Config {
  const present = Object.fromEntries(Object.entries(env).filter(([, value]) => value !== ''));
  const parsed = environment.safeParse(present);
  if (!parsed.success) {
    throw refuse(parsed.error.issues.map((issue) => line(String(issue.path[0]), present, issue.message)));
  }
  const values = parsed.data;
  const inAzure = values.WEBSITE_INSTANCE_ID !== undefined;
  const storage = storageConfig(values);
  if (!storage) throw refuse([line('DataStorage', present, 'is missing')]);

  const problems = [
    ...addressProblems(
      {
        ENTRA_AUTHORITY_HOST: values.ENTRA_AUTHORITY_HOST,
        GRAPH_URL: values.GRAPH_URL,
        KEY_VAULT_URI: values.KEY_VAULT_URI,
      },
      values.GRAPH_VALET_PUBLIC_URL,
      inAzure,
    ),
    ...halves(['GRAPH_VALET_NOTICE_WEBHOOK', 'GRAPH_VALET_NOTICE_WEBHOOK_SECRET'], present),
    ...halves(['GRAPH_VALET_NOTICE_MAIL_CONNECTION', 'GRAPH_VALET_NOTICE_MAIL_FROM'], present),
  ];
  if (problems.length > 0) throw refuse(problems);

  return {
    inAzure,
    publicUrl: values.GRAPH_VALET_PUBLIC_URL,
    notificationUrl: values.GRAPH_VALET_NOTIFICATION_URL ?? values.GRAPH_VALET_PUBLIC_URL,
    entra: {
      tenantId: values.ENTRA_TENANT_ID,
      clientId: values.ENTRA_CLIENT_ID,
      authorityHost: values.ENTRA_AUTHORITY_HOST,
      credential: values.ENTRA_CREDENTIAL,
      tokenExchangeAudience: values.TOKEN_EXCHANGE_AUDIENCE,
      managedIdentityClientId: values.AZURE_CLIENT_ID,
    },
    graphUrl: values.GRAPH_URL,
    vaultUrl: values.KEY_VAULT_URI,
    storage,
    administrators: new Set(values.GRAPH_VALET_ADMINISTRATORS),
    trustedIssuers: values.GRAPH_VALET_TRUSTED_ISSUERS,
    requestsPerMinute: values.GRAPH_VALET_REQUESTS_PER_MINUTE,
    signIn: {
      deviceCode: values.GRAPH_VALET_SIGN_IN_WAYS.includes('device_code'),
      password: values.GRAPH_VALET_SIGN_IN_WAYS.includes('password'),
      personal: values.GRAPH_VALET_SIGN_IN_WAYS.includes('personal'),
      extraScopes: values.GRAPH_VALET_EXTRA_SCOPES,
    },
    keyRotationDays: values.GRAPH_VALET_KEY_ROTATION_DAYS,
    notices: noticesConfig(values),
  };
}

function noticesConfig(values: z.infer<typeof environment>): Config['notices'] {
  const { GRAPH_VALET_NOTICE_WEBHOOK: url, GRAPH_VALET_NOTICE_WEBHOOK_SECRET: secretName } = values;
  const { GRAPH_VALET_NOTICE_MAIL_CONNECTION: connection, GRAPH_VALET_NOTICE_MAIL_FROM: from } = values;
  return {
    webhook: url !== undefined && secretName !== undefined ? { url, secretName } : undefined,
    mail: connection !== undefined && from !== undefined ? { connection, from } : undefined,
  };
}

/** Settings that mean something only together: those that are missing beside one that is there. */
function halves(names: readonly string[], env: Record<string, string | undefined>): string[] {
  const missing = names.filter((name) => env[name] === undefined);
  return missing.length === names.length ? [] : missing.map((name) => line(name, env, 'is missing'));
}

function storageConfig(values: z.infer<typeof environment>): StorageConfig | undefined {
  if (values.DataStorage) return { kind: 'connectionString', connectionString: values.DataStorage };
  const { DataStorage__tableServiceUri: tableUrl, DataStorage__queueServiceUri: queueUrl } = values;
  const blobUrl = values.DataStorage__blobServiceUri;
  if (!tableUrl || !queueUrl || !blobUrl) return undefined;
  return { kind: 'identity', tableUrl, queueUrl, blobUrl, clientId: values.DataStorage__clientId };
}

/** Microsoft's services are spoken to over https only, and in Azure never on this machine. */
function addressProblems(services: Record<string, string>, publicUrl: string, inAzure: boolean): string[] {
  const problems: string[] = [];
  for (const [name, value] of Object.entries(services)) {
    const url = new URL(value);
    if (url.protocol !== 'https:') problems.push(`${name} must begin with https://`);
    else if (inAzure && isLoopback(url))
      problems.push(`${name} is a loopback address, which is refused in Azure`);
  }
  const publicAddress = new URL(publicUrl);
  if (publicAddress.protocol !== 'https:' && (inAzure || !isLoopback(publicAddress))) {
    problems.push('GRAPH_VALET_PUBLIC_URL must begin with https:// (http is for localhost only)');
  }
  return problems;
}

/** True for localhost, 127.0.0.0/8 and ::1. */
export function isLoopback(url: URL): boolean {
  return (
    url.hostname === 'localhost' || url.hostname === '[::1]' || /^127\.\d+\.\d+\.\d+$/.test(url.hostname)
  );
}

function line(name: string, env: Record<string, string | undefined>, problem: string): string {
  const what = env[name] === undefined ? 'is missing' : problem;
  return hints[name] ? `${name} ${what}: set it to ${hints[name]}` : `${name} ${what}`;
}

function refuse(problems: readonly string[]): AppError {
  const text = `Graph Valet cannot start: ${problems.length === 1 ? 'a setting is' : 'some settings are'} wrong.`;
  return new AppError('setting_invalid', `${text}\n${problems.map((problem) => `  ${problem}`).join('\n')}`, {
    details: { problems },
  });
}
