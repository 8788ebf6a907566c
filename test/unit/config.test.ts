import { readConfig } from '../../src/config.ts';
import { AppError } from '../../src/errors.ts';

const guid = '11111111-2222-4333-8444-555555555555';
const good = {
  GRAPH_VALET_PUBLIC_URL: 'https://valet.contoso.example/',
  GRAPH_VALET_ADMINISTRATORS: `${guid}, ${guid.replace('1', '9')}`,
  ENTRA_TENANT_ID: guid,
  ENTRA_CLIENT_ID: guid,
  KEY_VAULT_URI: 'https://contoso.vault.azure.net',
  DataStorage: 'UseDevelopmentStorage=true',
};

describe('the settings', () => {
  it('are read with defaults that suit the public cloud', () => {
    const config = readConfig(good);
    expect(config.publicUrl).toBe('https://valet.contoso.example');
    expect(config.notificationUrl).toBe('https://valet.contoso.example');
    expect(config.entra.authorityHost).toBe('https://login.microsoftonline.com');
    expect(config.entra.credential).toBe('federated');
    expect(config.graphUrl).toBe('https://graph.microsoft.com');
    expect(config.administrators.size).toBe(2);
    expect(config.trustedIssuers).toEqual([]);
  });

  it.each(Object.keys(good))('stop the start when %s is missing, and say what to do', (name) => {
    const message = messageOf({ ...good, [name]: undefined });
    expect(message).toContain(`${name} is missing: set it to`);
  });

  it('stop the start with every problem at once', () => {
    const message = messageOf({
      ...good,
      ENTRA_TENANT_ID: 'contoso',
      KEY_VAULT_URI: 'vault',
      DataStorage: '',
    });
    expect(message).toContain('ENTRA_TENANT_ID must be a GUID');
    expect(message).toContain('KEY_VAULT_URI must be a URL');
  });

  it('name the missing half of two that belong together', () => {
    const half = { ...good, GRAPH_VALET_NOTICE_WEBHOOK: 'https://hooks.example/x' };
    expect(messageOf(half)).toContain('GRAPH_VALET_NOTICE_WEBHOOK_SECRET is missing: set it to');
    const whole = readConfig({ ...half, GRAPH_VALET_NOTICE_WEBHOOK_SECRET: 'notice-key' });
    expect(whole.notices).toEqual({
      webhook: { url: 'https://hooks.example/x', secretName: 'notice-key' },
      mail: undefined,
    });
  });

  it('never repeat a value, which may be a secret', () => {
    expect(
      messageOf({ ...good, ENTRA_CLIENT_ID: 'canary-value', KEY_VAULT_URI: 'canary-value' }),
    ).not.toContain('canary');
  });

  it.each(['ENTRA_AUTHORITY_HOST', 'GRAPH_URL', 'KEY_VAULT_URI'])('refuse plain http for %s', (name) => {
    expect(messageOf({ ...good, [name]: 'http://localhost:8080' })).toContain(
      `${name} must begin with https://`,
    );
  });

  it.each(['https://localhost:8443', 'https://127.0.0.1:8443', 'https://[::1]:8443'])(
    'refuse the loopback authority %s in Azure',
    (address) => {
      const local = { ...good, ENTRA_AUTHORITY_HOST: address };
      expect(readConfig(local).entra.authorityHost).toBe(address);
      expect(messageOf({ ...local, WEBSITE_INSTANCE_ID: 'abc' })).toContain(
        'loopback address, which is refused in Azure',
      );
    },
  );

  it('allow http for the public address on localhost only, and not in Azure', () => {
    expect(readConfig({ ...good, GRAPH_VALET_PUBLIC_URL: 'http://localhost:7071' }).publicUrl).toBe(
      'http://localhost:7071',
    );
    expect(messageOf({ ...good, GRAPH_VALET_PUBLIC_URL: 'http://valet.contoso.example' })).toContain(
      'https://',
    );
    expect(
      messageOf({ ...good, GRAPH_VALET_PUBLIC_URL: 'http://localhost:7071', WEBSITE_INSTANCE_ID: 'abc' }),
    ).toContain('https://');
  });

  it('take the storage account by identity when its three addresses are given', () => {
    const { DataStorage: _, ...rest } = good;
    const config = readConfig({
      ...rest,
      DataStorage__tableServiceUri: 'https://acc.table.core.windows.net',
      DataStorage__queueServiceUri: 'https://acc.queue.core.windows.net',
      DataStorage__blobServiceUri: 'https://acc.blob.core.windows.net',
    });
    expect(config.storage).toMatchObject({
      kind: 'identity',
      tableUrl: 'https://acc.table.core.windows.net',
    });
  });
});

function messageOf(env: Record<string, string | undefined>): string {
  try {
    readConfig(env);
  } catch (error) {
    expect(error).toBeInstanceOf(AppError);
    expect(error).toMatchObject({ code: 'setting_invalid' });
    return (error as AppError).message;
  }
  throw new Error('the settings were accepted');
}
