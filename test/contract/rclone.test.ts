import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { createBrowser } from '../../src/local/launcher/browser.ts';
import { passSignIn } from '../../src/local/launcher/sign-in.ts';
import { startWitness, type Witness } from '../support/witness.ts';

const rclone = ['/usr/bin/rclone', '/usr/local/bin/rclone'].find((file) => existsSync(file));
if (!rclone)
  console.warn(
    '\n!!! rclone is missing: this witness of the local tenant is NOT heard here (apt-get install rclone)\n',
  );

describe('rclone, unmodified, under Microsoft’s host names', () => {
  let witness: Witness;
  let folder: string;
  let env: NodeJS.ProcessEnv;
  beforeAll(async () => {
    if (!rclone) return;
    witness = await startWitness();
    folder = await mkdtemp(path.join(tmpdir(), 'rclone-'));
    const token = await signIn(witness);
    const config = `[drive]\ntype = onedrive\nclient_id = ${witness.tenant.clientId}\nclient_secret = ${witness.tenant.clientSecret}\ntenant = ${witness.tenant.tenantId}\ndrive_id = ${witness.tenant.users[1]?.driveId}\ndrive_type = business\ntoken = ${token}\n`;
    await writeFile(path.join(folder, 'rclone.conf'), config);
    env = {
      PATH: process.env.PATH,
      HOME: folder,
      HTTPS_PROXY: witness.tenant.proxyUrl,
      HTTP_PROXY: witness.tenant.proxyUrl,
      RCLONE_CONFIG: path.join(folder, 'rclone.conf'),
      // For the copy monitor too, which rclone asks without its own settings.
      SSL_CERT_FILE: witness.tenant.caFile,
      RCLONE_RETRIES: '1',
      RCLONE_LOW_LEVEL_RETRIES: '2',
    };
  }, 60_000);
  afterAll(async () => {
    await witness?.stop();
    if (folder) await rm(folder, { recursive: true, force: true });
  });

  const run = async (...args: string[]) =>
    (await promisify(execFile)(rclone ?? '', args, { env, timeout: 60_000, maxBuffer: 64 * 1024 * 1024 }))
      .stdout;
  const list = async (at: string) =>
    JSON.parse(await run('lsjson', '-R', at)) as { Path: string; Size: number; IsDir: boolean }[];

  it('lists a drive', async () => {
    if (!rclone) return;
    const found = await list('drive:');
    expect(found.filter((each) => !each.IsDir).length).toBeGreaterThan(20);
    expect(found.map((each) => each.Path)).toContain('Inbox');
  }, 60_000);

  it('copies 20 MB up by an upload session, and down again unchanged', async () => {
    if (!rclone) return;
    const bytes = randomBytes(20 * 1024 * 1024);
    await writeFile(path.join(folder, 'big.bin'), bytes);
    await run('copy', path.join(folder, 'big.bin'), 'drive:witness');
    expect(await list('drive:witness')).toMatchObject([{ Path: 'big.bin', Size: bytes.length }]);
    await run('copy', 'drive:witness/big.bin', path.join(folder, 'down'));
    expect((await readFile(path.join(folder, 'down', 'big.bin'))).equals(bytes)).toBe(true);
    const { counts } = (await witness.control('GET', '/control/calls')) as {
      counts: Record<string, Record<string, unknown>>;
    };
    expect(Object.keys(counts.files ?? {}).join()).toContain('uploadSessions');
  }, 90_000);

  it('copies a small file, moves it, and deletes it', async () => {
    if (!rclone) return;
    await writeFile(path.join(folder, 'note.txt'), 'a note');
    await run('copy', path.join(folder, 'note.txt'), 'drive:witness');
    await run('moveto', 'drive:witness/note.txt', 'drive:witness/below/renamed.txt');
    expect((await list('drive:witness')).map((each) => each.Path)).toContain('below/renamed.txt');
    expect(await run('cat', 'drive:witness/below/renamed.txt')).toBe('a note');
    await run('deletefile', 'drive:witness/below/renamed.txt');
    expect((await list('drive:witness')).map((each) => each.Path)).not.toContain('below/renamed.txt');
  }, 90_000);

  it('copies a changed file over the old one, and cleans its versions up', async () => {
    if (!rclone) return;
    for (const text of ['old', 'newer']) {
      await writeFile(path.join(folder, 'changed.txt'), text);
      await run('copy', path.join(folder, 'changed.txt'), 'drive:witness');
    }
    expect(await run('cat', 'drive:witness/changed.txt')).toBe('newer');
    await run('cleanup', 'drive:witness');
    expect(await run('cat', 'drive:witness/changed.txt')).toBe('newer');
  }, 90_000);

  it('copies within the drive by the server', async () => {
    if (!rclone) return;
    await writeFile(path.join(folder, 'origin.txt'), 'origin');
    await run('copy', path.join(folder, 'origin.txt'), 'drive:witness');
    await run('copyto', 'drive:witness/origin.txt', 'drive:witness/twin.txt');
    expect(await run('cat', 'drive:witness/twin.txt')).toBe('origin');
  }, 90_000);

  it('says how full the drive is, and makes a link', async () => {
    if (!rclone) return;
    expect(JSON.parse(await run('about', '--json', 'drive:'))).toMatchObject({ total: 1024 ** 4 });
    expect(await run('link', 'drive:witness/big.bin')).toMatch(/^https:\/\//);
  }, 60_000);
});

/** A refresh token by the pages, as rclone's own sign-in would have got it. */
async function signIn({ tenant }: Witness): Promise<string> {
  const person = tenant.users[1];
  if (!person) throw new Error('the tenant has no person');
  const base = `${tenant.pagesUrl}/${tenant.tenantId}/oauth2/v2.0/authorize`;
  const query = new URLSearchParams({
    client_id: tenant.clientId,
    response_type: 'code',
    redirect_uri: 'http://localhost:9/callback',
    scope: 'Files.Read Files.ReadWrite Files.Read.All Files.ReadWrite.All Sites.Read.All offline_access',
  });
  const original = globalThis.fetch;
  let code = '';
  globalThis.fetch = async (target, init) => {
    const address = new URL(String(target));
    if (address.port !== '9') return original(target, init);
    code = address.searchParams.get('code') ?? '';
    return new Response('signed in');
  };
  try {
    const browser = createBrowser();
    await passSignIn(browser, await browser.open(`${base}?${query}`), person, 'http://localhost:9');
  } finally {
    globalThis.fetch = original;
  }
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    client_id: tenant.clientId,
    client_secret: tenant.clientSecret,
    redirect_uri: 'http://localhost:9/callback',
    code,
  });
  const curl = await promisify(execFile)(
    process.execPath,
    [
      '-e',
      `fetch(process.argv[1],{method:'POST',body:new URLSearchParams(process.argv[2])}).then(async(r)=>console.log(await r.text()))`,
      `${tenant.loginUrl}/${tenant.tenantId}/oauth2/v2.0/token`,
      form.toString(),
    ],
    { env: { PATH: process.env.PATH, NODE_EXTRA_CA_CERTS: tenant.caFile } },
  );
  const answer = JSON.parse(curl.stdout) as {
    access_token: string;
    refresh_token: string;
    token_type: string;
  };
  return JSON.stringify({
    access_token: answer.access_token,
    token_type: answer.token_type,
    refresh_token: answer.refresh_token,
    expiry: new Date(Date.now() + 3_000_000).toISOString(),
  });
}
