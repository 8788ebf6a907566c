import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { type BuildResult, buildApp } from '../../src/local/launcher/build.ts';

const root = path.resolve(import.meta.dirname, '../..');

describe('what is deployed', () => {
  let folder: string;
  let built: BuildResult;
  beforeAll(async () => {
    folder = await mkdtemp(path.join(root, '.local', 'bundle-'));
    built = await buildApp(folder, { minify: true, standalone: true });
  });
  afterAll(() => rm(folder, { recursive: true, force: true }));

  it('holds nothing of the offline world, of the command line and of the tests', () => {
    expect(built.inputs.filter((file) => /^(src\/local|src\/cli|test)\//.test(file))).toEqual([]);
    expect(built.inputs).toContain('src/functions/main.ts');
  });

  it('names its entry as the Functions worker looks for it, and has a host.json', async () => {
    const { main, type } = JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8'));
    expect([main, type]).toEqual(['app.mjs', 'module']);
    expect(await readdir(folder)).toEqual(expect.arrayContaining(['app.mjs', 'host.json', 'node_modules']));
  });

  it('registers every function of src/functions when it is loaded, and asks nothing of the network', async () => {
    const declared = new Set<string>();
    for (const file of await readdir(path.join(root, 'src/functions'))) {
      const text = await readFile(path.join(root, 'src/functions', file), 'utf8');
      for (const [, name] of text.matchAll(/app\.(?:http|timer|storageQueue)\(\s*'([^']+)'/g)) {
        if (name) declared.add(name);
      }
    }
    const { registered, requests, modelVersion } = await loadAsWorker(built.entry);
    expect(registered.filter((name) => declared.has(name)).sort()).toEqual([...declared].sort());
    expect(modelVersion).toMatch(/^4\./);
    expect(requests).toEqual([]);
  });

  it('refuses to start without its settings, and names each of them', async () => {
    await expect(loadAsWorker(built.entry, {})).rejects.toThrow(
      /GRAPH_VALET_PUBLIC_URL is missing[\s\S]*ENTRA_TENANT_ID is missing/,
    );
  });
});

const settings = {
  GRAPH_VALET_PUBLIC_URL: 'https://valet.contoso.com',
  GRAPH_VALET_ADMINISTRATORS: '11111111-1111-4111-8111-111111111111',
  ENTRA_TENANT_ID: '22222222-2222-4222-8222-222222222222',
  ENTRA_CLIENT_ID: '33333333-3333-4333-8333-333333333333',
  KEY_VAULT_URI: 'https://contoso.vault.azure.net',
  DataStorage: 'UseDevelopmentStorage=true',
};

/** Loads the bundle in a process of its own that answers `@azure/functions-core` in the way of the real worker. */
async function loadAsWorker(
  entry: string,
  env: Readonly<Record<string, string>> = settings,
): Promise<{ registered: string[]; requests: string[]; modelVersion: string }> {
  const script = `
    import Module from 'node:module';
    import net from 'node:net';
    const registered = [], requests = [];
    let model;
    const core = {
      version: '3.14.1', hostVersion: '4.1052.200',
      Disposable: class { dispose() {} },
      setProgrammingModel(m) { model = m; }, getProgrammingModel: () => model,
      registerFunction(metadata) { registered.push(metadata.name); return new core.Disposable(); },
      registerHook() { return new core.Disposable(); }, log() {},
    };
    const original = Module.prototype.require;
    Module.prototype.require = function (id) { return id === '@azure/functions-core' ? core : original.call(this, id); };
    const connect = net.Socket.prototype.connect;
    net.Socket.prototype.connect = function (...args) { requests.push(JSON.stringify(args[0])); return connect.apply(this, args); };
    await import(process.argv[1]);
    console.log(JSON.stringify({ registered, requests, modelVersion: model.version }));
    process.exit(0);`;
  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--input-type=module', '-e', script, entry],
    {
      env: { PATH: process.env.PATH, ...env },
    },
  );
  return JSON.parse(stdout);
}
