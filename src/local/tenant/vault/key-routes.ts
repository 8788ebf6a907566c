import { createPrivateKey } from 'node:crypto';
import { z } from 'zod';
import type { Exchange, Reply, Route, VerifiedToken } from '../http/route.ts';
import { HttpFault } from '../http/route.ts';
import {
  encryption,
  type KeyRecord,
  type KeyVersion,
  keyObject,
  publicJwk,
  signature,
  type VaultKeys,
} from './keys.ts';

const operations = ['encrypt', 'decrypt', 'sign', 'verify', 'wrapKey', 'unwrapKey'];
const wanted = z.looseObject({
  kty: z.enum(['RSA', 'RSA-HSM']),
  key_size: z.union([z.literal(2048), z.literal(3072), z.literal(4096)]).default(2048),
});
const crypt = z.looseObject({ alg: z.string(), value: z.base64url() });
const check = z.looseObject({ alg: z.string(), digest: z.base64url(), value: z.base64url() });

const part = z.base64url();
const imported = z.looseObject({
  key: z.looseObject({
    kty: z.literal('RSA'),
    n: part,
    e: part,
    d: part,
    p: part,
    q: part,
    dp: part,
    dq: part,
    qi: part,
  }),
});
const changed = z.looseObject({
  attributes: z.looseObject({ enabled: z.boolean().optional() }).optional(),
  tags: z.record(z.string(), z.string()).optional(),
});

/** Key Vault keys: RSA, by create, get, versions, and what is done with them. */
export function keyRoutes(parts: {
  readonly keys: VaultKeys;
  readonly access: (exchange: Exchange) => Promise<VerifiedToken>;
  readonly clock: () => number;
}): Route[] {
  const { keys, access, clock } = parts;
  const find = (name = ''): KeyRecord => {
    const record = keys.find(name);
    if (record && record.deletedAt === undefined) return record;
    throw new HttpFault(404, 'KeyNotFound', `A key with (name/id) ${name} was not found in this key vault.`);
  };
  const versionOf = (record: KeyRecord, version: string | undefined): KeyVersion => {
    const found = version ? record.versions.find((one) => one.version === version) : record.versions.at(-1);
    if (found) return found;
    throw new HttpFault(
      404,
      'KeyNotFound',
      `A key with (name/id) ${record.name}/${version} was not found in this key vault.`,
    );
  };
  const route = (
    method: string,
    path: string,
    summary: string,
    handle: (exchange: Exchange) => Reply | Promise<Reply>,
  ): Route => ({
    listener: 'vault',
    method,
    path,
    summary,
    contract: '10',
    strict: 'bearer for https://vault.azure.net of the home tenant, api-version',
    omitted: 'elliptic curves, rotation policies',
    handle: async (exchange) => {
      await access(exchange);
      return handle(exchange);
    },
  });
  const get = ({ params, urls }: Exchange): Reply => {
    const record = find(params.name);
    return { status: 200, body: bundle(urls.vault, record.name, versionOf(record, params.version)) };
  };
  const work = (operation: string, act: (key: KeyVersion, exchange: Exchange) => object) =>
    route('POST', `/keys/:name/:version/${operation}`, `${operation} with a key`, (exchange) => {
      const record = find(exchange.params.name);
      const version = versionOf(record, exchange.params.version);
      if (!version.enabled)
        throw new HttpFault(403, 'Forbidden', `Operation ${operation} is not allowed on a disabled key.`, {
          inner: 'KeyDisabled',
        });
      const kid = `${exchange.urls.vault}/keys/${record.name}/${version.version}`;
      return { status: 200, body: { kid, ...act(version, exchange) } };
    });
  const crypts = (direction: 'seal' | 'open') => (key: KeyVersion, exchange: Exchange) => {
    const { alg, value } = parse(crypt, exchange.json());
    const cipher = encryption(alg);
    if (!cipher)
      throw new HttpFault(400, 'BadParameter', `The algorithm ${alg} is not supported by this key.`);
    try {
      return {
        value: cipher[direction](keyObject(key), Buffer.from(value, 'base64url')).toString('base64url'),
      };
    } catch {
      throw new HttpFault(400, 'BadParameter', 'The parameter is incorrect.');
    }
  };
  const signer = (alg: string) => {
    const found = signature(alg);
    if (found) return found;
    throw new HttpFault(400, 'BadParameter', `The algorithm ${alg} is not supported by this key.`);
  };

  const living = () => keys.all().filter((record) => record.deletedAt === undefined);
  const deleted = (name = ''): KeyRecord => {
    const record = keys.find(name);
    if (record?.deletedAt !== undefined) return record;
    throw new HttpFault(
      404,
      'KeyNotFound',
      `A deleted key with (name/id) ${name} was not found in this key vault.`,
    );
  };
  /** A name that a new version may have. */
  const free = (name = ''): string => {
    if (!/^[0-9A-Za-z-]{1,127}$/.test(name))
      throw new HttpFault(400, 'BadParameter', 'The name of the key is not valid.');
    if (keys.find(name)?.deletedAt === undefined) return name;
    throw new HttpFault(409, 'Conflict', `Key ${name} is currently in a deleted but recoverable state.`, {
      inner: 'ObjectIsDeletedButRecoverable',
    });
  };
  const change = ({ params, json, urls }: Exchange): Reply => {
    const record = find(params.name);
    const old = versionOf(record, params.version);
    const { attributes, tags } = parse(changed, json());
    const next = { ...old, enabled: attributes?.enabled ?? old.enabled, ...(tags ? { tags } : {}) };
    keys.put({ ...record, versions: record.versions.map((one) => (one === old ? next : one)) });
    return { status: 200, body: bundle(urls.vault, record.name, next) };
  };
  const gone = (vault: string, record: KeyRecord) => ({
    ...bundle(vault, record.name, versionOf(record, undefined)),
    recoveryId: `${vault}/deletedkeys/${record.name}`,
    deletedDate: record.deletedAt,
    scheduledPurgeDate: (record.deletedAt ?? 0) + 90 * 86_400,
  });

  return [
    route(
      'POST',
      '/keys/:name/create',
      'Create an RSA key (a new version)',
      async ({ params, json, urls }) => {
        const name = free(params.name);
        const made = await keys.create(name, { bits: parse(wanted, json()).key_size });
        return { status: 200, body: bundle(urls.vault, name, made) };
      },
    ),
    route('PUT', '/keys/:name', 'Import an RSA key (a new version)', async ({ params, json, urls }) => {
      const name = free(params.name);
      const made = await keys.create(name, { pem: readKey(parse(imported, json()).key) });
      return { status: 200, body: bundle(urls.vault, name, made) };
    }),
    route('PATCH', '/keys/:name/:version', 'Change the attributes of a version', change),
    route('PATCH', '/keys/:name', 'Change the attributes of the newest version', change),
    route('GET', '/keys/:name/versions', 'List the versions of a key', ({ params, urls }) => {
      const record = find(params.name);
      return {
        status: 200,
        body: { value: record.versions.map((one) => entry(urls.vault, record.name, one)), nextLink: null },
      };
    }),
    route('GET', '/keys/:name/:version', 'Get one version of a key', get),
    route('GET', '/keys/:name', 'Get the newest version of a key', get),
    route('GET', '/keys', 'List keys', ({ urls }) => ({
      status: 200,
      body: {
        value: living().map((record) => ({
          ...entry(urls.vault, record.name, versionOf(record, undefined)),
          kid: `${urls.vault}/keys/${record.name}`,
        })),
        nextLink: null,
      },
    })),
    route('DELETE', '/keys/:name', 'Delete a key', ({ params, urls }) => {
      const record = find(params.name);
      const deletedAt = Math.floor(clock() / 1000);
      keys.put({ ...record, deletedAt });
      return { status: 200, body: gone(urls.vault, { ...record, deletedAt }) };
    }),
    route('GET', '/deletedkeys/:name', 'Get a deleted key', ({ params, urls }) => ({
      status: 200,
      body: gone(urls.vault, deleted(params.name)),
    })),
    route('GET', '/deletedkeys', 'List deleted keys', ({ urls }) => ({
      status: 200,
      body: {
        value: keys.all().flatMap((one) => (one.deletedAt === undefined ? [] : [gone(urls.vault, one)])),
        nextLink: null,
      },
    })),
    route('DELETE', '/deletedkeys/:name', 'Purge a deleted key', ({ params }) => {
      keys.purge(deleted(params.name).name);
      return { status: 204 };
    }),
    route('POST', '/deletedkeys/:name/recover', 'Recover a deleted key', ({ params, urls }) => {
      const { deletedAt: _, ...record } = deleted(params.name);
      keys.put(record);
      return { status: 200, body: bundle(urls.vault, record.name, versionOf(record, undefined)) };
    }),
    work('wrapkey', crypts('seal')),
    work('encrypt', crypts('seal')),
    work('unwrapkey', crypts('open')),
    work('decrypt', crypts('open')),
    work('sign', (key, exchange) => {
      const { alg, value } = parse(crypt, exchange.json());
      return {
        value: signer(alg).sign(keyObject(key), Buffer.from(value, 'base64url')).toString('base64url'),
      };
    }),
    work('verify', (key, exchange) => {
      const { alg, digest, value } = parse(check, exchange.json());
      return {
        value: signer(alg).verify(
          keyObject(key),
          Buffer.from(digest, 'base64url'),
          Buffer.from(value, 'base64url'),
        ),
      };
    }),
  ];
}

function readKey(key: z.output<typeof imported>['key']): string {
  try {
    return createPrivateKey({ key, format: 'jwk' }).export({ type: 'pkcs8', format: 'pem' }).toString();
  } catch {
    throw new HttpFault(400, 'BadParameter', 'The key is not a valid RSA key.');
  }
}

function bundle(vault: string, name: string, one: KeyVersion) {
  const { kid, attributes } = entry(vault, name, one);
  return {
    key: { kid, kty: 'RSA', key_ops: operations, ...publicJwk(one) },
    attributes,
    tags: one.tags ?? {},
  };
}

function entry(vault: string, name: string, one: KeyVersion) {
  return {
    kid: `${vault}/keys/${name}/${one.version}`,
    attributes: {
      enabled: one.enabled,
      created: one.created,
      updated: one.created,
      recoveryLevel: 'Recoverable+Purgeable',
      recoverableDays: 90,
    },
  };
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const read = schema.safeParse(value);
  if (read.success) return read.data;
  throw new HttpFault(400, 'BadParameter', `The request body is not valid: ${z.prettifyError(read.error)}`);
}
