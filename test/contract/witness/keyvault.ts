import { ManagedIdentityCredential } from '@azure/identity';
import { CryptographyClient, KeyClient } from '@azure/keyvault-keys';
import { SecretClient } from '@azure/keyvault-secrets';
import type { WitnessTenant } from '../../support/witness.ts';
import { report } from './outcomes.ts';

const tenant = JSON.parse(process.env.TENANT ?? '{}') as WitnessTenant;
process.env.IDENTITY_ENDPOINT = tenant.identityEndpoint;
process.env.IDENTITY_HEADER = tenant.identityHeader;
const credential = new ManagedIdentityCredential();
const vault = 'https://graph-valet.vault.azure.net';
const secrets = new SecretClient(vault, credential);
const keys = new KeyClient(vault, credential);
const names = async (list: AsyncIterable<{ name: string }>) => {
  const found: string[] = [];
  for await (const { name } of list) found.push(name);
  return found;
};

await report({
  set: async () =>
    (await secrets.setSecret('witness', 'first', { tags: { by: 'test' }, contentType: 'text/plain' })).value,
  'set again': async () => (await secrets.setSecret('witness', 'second')).value,
  get: async () => (await secrets.getSecret('witness')).value,
  versions: async () => (await names(secrets.listPropertiesOfSecretVersions('witness'))).length,
  list: async () => names(secrets.listPropertiesOfSecrets()),
  disabled: async () => {
    const { properties } = await secrets.getSecret('witness');
    await secrets.updateSecretProperties('witness', properties.version ?? '', { enabled: false });
    return secrets.getSecret('witness');
  },
  missing: async () => secrets.getSecret('no-such-secret'),
  'delete and recover': async () => {
    await secrets.setSecret('gone', 'value');
    await (await secrets.beginDeleteSecret('gone', { intervalInMs: 10 })).pollUntilDone();
    const blocked = await secrets
      .setSecret('gone', 'other')
      .catch((error: { statusCode: number }) => error.statusCode);
    await (await secrets.beginRecoverDeletedSecret('gone', { intervalInMs: 10 })).pollUntilDone();
    return [blocked, (await secrets.getSecret('gone')).value];
  },
  purge: async () => {
    await (await secrets.beginDeleteSecret('gone', { intervalInMs: 10 })).pollUntilDone();
    await secrets.purgeDeletedSecret('gone');
    return secrets.getDeletedSecret('gone');
  },
  backup: async () => {
    await secrets.setSecret('kept', 'value');
    const text = await secrets.backupSecret('kept');
    await (await secrets.beginDeleteSecret('kept', { intervalInMs: 10 })).pollUntilDone();
    await secrets.purgeDeletedSecret('kept');
    await secrets.restoreSecretBackup(text ?? new Uint8Array());
    return (await secrets.getSecret('kept')).value;
  },
  wrap: async () => {
    const key = await keys.createRsaKey('wrapping', { keySize: 2048 });
    const client = new CryptographyClient(key.id ?? '', credential);
    const secret = Buffer.from('0123456789abcdef0123456789abcdef');
    const { result } = await client.wrapKey('RSA-OAEP-256', secret);
    const opened = await client.unwrapKey('RSA-OAEP-256', result);
    return Buffer.from(opened.result).equals(secret);
  },
  sign: async () => {
    const key = await keys.getKey('wrapping');
    const client = new CryptographyClient(key.id ?? '', credential);
    const data = Buffer.from('signed');
    const { result } = await client.signData('RS256', data);
    const good = await client.verifyData('RS256', data, result);
    const bad = await client.verifyData('RS256', Buffer.from('other'), result);
    return [good.result, bad.result];
  },
  'delete and recover a key': async () => {
    await keys.createRsaKey('gone');
    await (await keys.beginDeleteKey('gone', { intervalInMs: 10 })).pollUntilDone();
    const blocked = await keys
      .createRsaKey('gone')
      .catch((error: { statusCode: number }) => error.statusCode);
    await (await keys.beginRecoverDeletedKey('gone', { intervalInMs: 10 })).pollUntilDone();
    await (await keys.beginDeleteKey('gone', { intervalInMs: 10 })).pollUntilDone();
    await keys.purgeDeletedKey('gone');
    return blocked;
  },
  'list keys': async () => names(keys.listPropertiesOfKeys()),
});
