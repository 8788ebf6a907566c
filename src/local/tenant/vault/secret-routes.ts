import { z } from 'zod';
import type { Exchange, Reply, Route, VerifiedToken } from '../http/route.ts';
import { HttpFault } from '../http/route.ts';
import type { SecretRecord, Secrets, SecretVersion } from './secrets.ts';

const DAY = 86_400;
const attributes = z.object({ enabled: z.boolean(), nbf: z.int(), exp: z.int() }).partial().optional();
const written = z.object({
  value: z.string().max(25 * 1024),
  contentType: z.string().optional(),
  tags: z.record(z.string(), z.string()).optional(),
  attributes,
});
const changed = written.omit({ value: true });

/** Key Vault secrets: versions, soft delete, recovery, backup. */
export function secretRoutes(parts: {
  readonly secrets: Secrets;
  readonly access: (exchange: Exchange) => Promise<VerifiedToken>;
  readonly clock: () => number;
  readonly onChange: () => void;
}): Route[] {
  const { secrets, access, onChange } = parts;
  const now = () => Math.floor(parts.clock() / 1000);

  const live = (name = ''): SecretRecord => {
    const record = secrets.find(name);
    if (!record || record.deletedAt !== undefined) throw notFound(name);
    return record;
  };
  const deleted = (name = ''): SecretRecord & { deletedAt: number } => {
    const record = secrets.find(name);
    if (record?.deletedAt === undefined) throw notFound(name);
    return { ...record, deletedAt: record.deletedAt };
  };
  const versionOf = (record: SecretRecord, version: string | undefined): SecretVersion => {
    const found = version ? record.versions.find((one) => one.version === version) : record.versions.at(-1);
    if (!found) throw notFound(`${record.name}/${version}`);
    return found;
  };

  const route = (
    method: string,
    path: string,
    summary: string,
    handle: (exchange: Exchange) => Reply,
  ): Route => ({
    listener: 'vault',
    method,
    path,
    summary,
    contract: '10',
    strict: 'bearer for https://vault.azure.net of the home tenant, api-version',
    handle: async (exchange) => {
      await access(exchange);
      return handle(exchange);
    },
  });

  return [
    route('PUT', '/secrets/:name', 'Set a secret (a new version)', ({ params, json, urls }) => {
      const { name = '' } = params;
      if (!/^[0-9A-Za-z-]{1,127}$/.test(name)) {
        throw new HttpFault(400, 'BadParameter', `The name "${name}" does not match ^[0-9a-zA-Z-]+$.`);
      }
      if (secrets.find(name)?.deletedAt !== undefined) {
        throw new HttpFault(
          409,
          'Conflict',
          `Secret ${name} is currently in a deleted but recoverable state.`,
          {
            inner: 'ObjectIsDeletedButRecoverable',
          },
        );
      }
      const body = parse(written, json());
      const made = secrets.add(name, body);
      return { status: 200, body: bundle(urls.vault, name, made) };
    }),
    route('GET', '/secrets/:name/versions', 'List the versions of a secret', (exchange) => {
      const record = live(exchange.params.name);
      return page(exchange, record.versions, (one) => entry(exchange.urls.vault, record.name, one, true));
    }),
    route('GET', '/secrets/:name/:version', 'Get one version of a secret', ({ params, urls }) => {
      const record = live(params.name);
      return {
        status: 200,
        body: readable(bundle(urls.vault, record.name, versionOf(record, params.version))),
      };
    }),
    route('GET', '/secrets/:name', 'Get the newest version of a secret', ({ params, urls }) => {
      const record = live(params.name);
      return { status: 200, body: readable(bundle(urls.vault, record.name, versionOf(record, undefined))) };
    }),
    route(
      'PATCH',
      '/secrets/:name/:version',
      'Change the attributes of a version',
      ({ params, json, urls }) => {
        const record = live(params.name);
        const version = versionOf(record, params.version);
        const body = parse(changed, json());
        version.enabled = body.attributes?.enabled ?? version.enabled;
        version.nbf = body.attributes?.nbf ?? version.nbf;
        version.exp = body.attributes?.exp ?? version.exp;
        version.contentType = body.contentType ?? version.contentType;
        version.tags = body.tags ?? version.tags;
        version.updated = now();
        onChange();
        return { status: 200, body: { ...bundle(urls.vault, record.name, version), value: undefined } };
      },
    ),
    route('GET', '/secrets', 'List secrets', (exchange) => {
      const records = secrets.all().filter((record) => record.deletedAt === undefined);
      return page(exchange, records, (record) =>
        entry(exchange.urls.vault, record.name, versionOf(record, undefined), false),
      );
    }),
    route('DELETE', '/secrets/:name', 'Delete a secret; it can be recovered', ({ params, urls }) => {
      const record = live(params.name);
      record.deletedAt = now();
      onChange();
      return { status: 200, body: gone(urls.vault, record, record.deletedAt) };
    }),
    route('POST', '/secrets/:name/backup', 'A secret as an opaque text', ({ params }) => {
      const { name, versions } = live(params.name);
      const value = Buffer.from(JSON.stringify({ name, versions })).toString('base64url');
      return { status: 200, body: { value } };
    }),
    route('POST', '/secrets/restore', 'A secret from such a text', ({ json, urls }) => {
      const { name, versions } = readBackup(parse(z.looseObject({ value: z.string() }), json()).value);
      if (secrets.find(name))
        throw new HttpFault(409, 'Conflict', `A secret with the name ${name} already exists.`);
      secrets.restore({ name, versions, deletedAt: undefined });
      return { status: 200, body: entry(urls.vault, name, versionOf(live(name), undefined), true) };
    }),
    route('GET', '/deletedsecrets/:name', 'Get a deleted secret', ({ params, urls }) => {
      const record = deleted(params.name);
      return { status: 200, body: gone(urls.vault, record, record.deletedAt) };
    }),
    route('GET', '/deletedsecrets', 'List deleted secrets', (exchange) => {
      const records = secrets
        .all()
        .flatMap((one) => (one.deletedAt === undefined ? [] : [deleted(one.name)]));
      return page(exchange, records, (one) => gone(exchange.urls.vault, one, one.deletedAt));
    }),
    route('DELETE', '/deletedsecrets/:name', 'Purge a deleted secret', ({ params }) => {
      secrets.purge(deleted(params.name).name);
      return { status: 204 };
    }),
    route('POST', '/deletedsecrets/:name/recover', 'Recover a deleted secret', ({ params, urls }) => {
      const { name } = deleted(params.name);
      const record = secrets.find(name);
      if (!record) throw notFound(name);
      record.deletedAt = undefined;
      onChange();
      return { status: 200, body: entry(urls.vault, name, versionOf(record, undefined), true) };
    }),
  ];

  function gone(vault: string, record: SecretRecord, deletedAt: number) {
    return {
      ...entry(vault, record.name, versionOf(record, undefined), true),
      recoveryId: `${vault}/deletedsecrets/${record.name}`,
      deletedDate: deletedAt,
      scheduledPurgeDate: deletedAt + 90 * DAY,
    };
  }
}

const backup = z.looseObject({
  name: z.string(),
  versions: z.array(z.custom<SecretVersion>((one) => typeof one === 'object' && one !== null)).min(1),
});

function readBackup(text: string): z.output<typeof backup> {
  try {
    return backup.parse(JSON.parse(Buffer.from(text, 'base64url').toString()));
  } catch {
    throw new HttpFault(400, 'BadParameter', 'Backup blob contains invalid or corrupt data.');
  }
}

/** An object's answer to a list request, 25 at most on a page. */
function page<T>(exchange: Exchange, all: readonly T[], show: (one: T) => object): Reply {
  const size = Math.min(25, Math.max(1, Number(exchange.query.get('maxresults') ?? 25) || 25));
  const skip = Number(exchange.query.get('$skiptoken') ?? 0) || 0;
  const next = new URL(exchange.url);
  next.searchParams.set('$skiptoken', String(skip + size));
  const more = skip + size < all.length;
  return {
    status: 200,
    body: { value: all.slice(skip, skip + size).map(show), nextLink: more ? next.href : null },
  };
}

function bundle(vault: string, name: string, one: SecretVersion) {
  return { value: one.value, ...entry(vault, name, one, true) };
}

function entry(vault: string, name: string, one: SecretVersion, withVersion: boolean) {
  return {
    ...(one.contentType === undefined ? {} : { contentType: one.contentType }),
    id: `${vault}/secrets/${name}${withVersion ? `/${one.version}` : ''}`,
    attributes: {
      enabled: one.enabled,
      ...(one.nbf === undefined ? {} : { nbf: one.nbf }),
      ...(one.exp === undefined ? {} : { exp: one.exp }),
      created: one.created,
      updated: one.updated,
      recoveryLevel: 'Recoverable+Purgeable',
      recoverableDays: 90,
    },
    tags: one.tags,
  };
}

function readable<T extends { attributes: { enabled: boolean } }>(found: T): T {
  if (found.attributes.enabled) return found;
  throw new HttpFault(403, 'Forbidden', 'Operation get is not allowed on a disabled secret.', {
    inner: 'SecretDisabled',
  });
}

function notFound(name: string): HttpFault {
  return new HttpFault(
    404,
    'SecretNotFound',
    `A secret with (name/id) ${name} was not found in this key vault.`,
  );
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw new HttpFault(400, 'BadParameter', `The request body is not valid: ${z.prettifyError(read.error)}`);
}
