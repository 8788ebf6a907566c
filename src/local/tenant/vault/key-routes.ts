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

/** Key Vault keys: RSA, by create, get, versions, and what is done with them. */
export function keyRoutes(parts: {
  readonly keys: VaultKeys;
  readonly access: (exchange: Exchange) => Promise<VerifiedToken>;
}): Route[] {
  const { keys, access } = parts;
  const find = (name = ''): KeyRecord => {
    const record = keys.find(name);
    if (record) return record;
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
    omitted: 'elliptic curves, import, rotation policies, PS signatures',
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

  return [
    route(
      'POST',
      '/keys/:name/create',
      'Create an RSA key (a new version)',
      async ({ params, json, urls }) => {
        const { name = '' } = params;
        if (!/^[0-9A-Za-z-]{1,127}$/.test(name))
          throw new HttpFault(400, 'BadParameter', 'The name of the key is not valid.');
        const made = await keys.create(name, parse(wanted, json()).key_size);
        return { status: 200, body: bundle(urls.vault, name, made) };
      },
    ),
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
        value: keys.all().map((record) => ({
          ...entry(urls.vault, record.name, versionOf(record, undefined)),
          kid: `${urls.vault}/keys/${record.name}`,
        })),
        nextLink: null,
      },
    })),
    route('DELETE', '/keys/:name', 'Delete a key', ({ params, urls }) => {
      const record = find(params.name);
      keys.remove(record.name);
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

function bundle(vault: string, name: string, one: KeyVersion) {
  const { kid, attributes } = entry(vault, name, one);
  return { key: { kid, kty: 'RSA', key_ops: operations, ...publicJwk(one) }, attributes, tags: {} };
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
