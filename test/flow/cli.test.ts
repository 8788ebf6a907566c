import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { passSignIn } from '../../src/local/launcher/sign-in.ts';
import { type ApiStage, createApiStage } from '../support/api-stage.ts';
import { buildTestCli, type CliEnd } from '../support/cli.ts';
import { linkNamed, type SignedInBrowser } from '../support/programs.ts';

describe('the command line', () => {
  let stage: ApiStage;
  let emma: SignedInBrowser;
  let admin: SignedInBrowser;
  let home: string;
  /** What Emma’s sign-in said. */
  let signedIn: CliEnd;
  let cli: Awaited<ReturnType<typeof buildTestCli>>;
  beforeAll(async () => {
    stage = await createApiStage();
    emma = (await stage.signIn(stage.person('emma.larsen'))).browser;
    admin = (await stage.signIn(stage.person('admin'))).browser;
    home = await mkdtemp(path.join(import.meta.dirname, '../../.local/cli-'));
    cli = await buildTestCli(path.join(home, 'bin'));
    [signedIn] = await Promise.all([login(emma, 'emma'), login(admin, 'admin')]);
  });
  afterAll(async () => {
    await stage.stop();
    await rm(home, { recursive: true, force: true });
  });

  const upn = (name: string) => stage.person(name).upn;
  const env = (folder: string) => ({ XDG_CONFIG_HOME: path.join(home, folder) });
  const file = (folder: string) => path.join(home, folder, 'graph-valet/sign-ins.json');
  const at = () => ['--url', stage.site.url];

  /** The person allows the program that opened `address`, and the browser goes back to it. */
  async function allow(browser: SignedInBrowser, address: string, choice = 'Allow') {
    const answer = await browser.fetch(linkNamed(await browser.open(address), choice));
    return fetch(answer.headers.get('location') ?? '');
  }

  async function login(browser: SignedInBrowser, folder: string) {
    const program = cli.start(['login', '--no-browser', '--json', ...at()], env(folder));
    const [, address = ''] = await program.said(/^ {2}(http\S+)$/m);
    await allow(browser, address);
    return program.ended;
  }

  it('signs a person in by the browser, and keeps tokens of this installation in a file of theirs alone', async () => {
    expect(signedIn.code).toBe(0);
    expect(JSON.parse(signedIn.stdout)).toEqual({
      url: stage.site.url,
      username: upn('emma.larsen'),
      administrator: false,
    });
    expect((await stat(file('emma'))).mode & 0o777).toBe(0o600);
    expect((await stat(path.dirname(file('emma')))).mode & 0o777).toBe(0o700);
    const kept = await readFile(file('emma'), 'utf8');
    expect(kept).toMatch(/"gvr_/);
    // [33] No token of Microsoft’s is among them, and none is printed.
    expect(kept).not.toMatch(/eyJ/);
    expect(signedIn.stdout + signedIn.stderr).not.toMatch(/gv[acr]_|eyJ/);

    const status = await cli.run(['whoami', '--json'], env('emma'));
    expect(JSON.parse(status.stdout)).toMatchObject({ username: upn('emma.larsen'), administrator: false });
  });

  it('says no with the person, and takes exactly one request with its own state', async () => {
    const denied = cli.start(['login', '--no-browser', ...at()], env('denied'));
    const [, address = ''] = await denied.said(/^ {2}(http\S+)$/m);
    await allow(emma, address, 'Don’t allow');
    expect(await denied.ended).toMatchObject({ code: 5, stdout: '' });

    const forged = cli.start(['login', '--no-browser', ...at()], env('forged'));
    const [, other = ''] = await forged.said(/^ {2}(http\S+)$/m);
    const back = new URL(other).searchParams.get('redirect_uri') ?? '';
    expect(back).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);
    expect((await fetch(new URL('/favicon.ico', back))).status).toBe(404);
    expect((await fetch(back, { method: 'POST' })).status).toBe(404);
    expect((await fetch(`${back}?code=gvc_x&state=of-another`)).status).toBe(200);
    const ended = await forged.ended;
    expect(ended.code).toBe(4);
    expect(ended.stderr).toContain('not of this sign-in');
    await expect(fetch(back)).rejects.toThrow();
    await expect(stat(file('forged'))).rejects.toThrow();
  });

  it('signs a person in by a code on another machine', async () => {
    const program = cli.start(['login', '--device', ...at()], env('device'));
    const [, page = '', code = ''] = await program.said(/Open (\S+) .* type the code (\S+)/);
    const shown = await emma.open(`${page}?user_code=${code}`);
    const form = shown.forms.find(({ action }) => action.pathname === '/device');
    if (!form) throw new Error(`no form: ${shown.html}`);
    await emma.submit(form, { decision: 'approve' });
    expect(await program.ended).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(upn('emma.larsen')),
    });
  });

  it('renews its token once, however many commands need a new one at the same moment', async () => {
    const kept = JSON.parse(await readFile(file('emma'), 'utf8'));
    kept.signIns[stage.site.url].expiresAt = 0;
    await writeFile(file('emma'), JSON.stringify(kept));
    const ends = await Promise.all([1, 2].map(() => cli.run(['status'], env('emma'))));
    expect(ends.map(({ code }) => code)).toEqual([0, 0]);
    const after = JSON.parse(await readFile(file('emma'), 'utf8'));
    expect(after.signIns[stage.site.url].refreshToken).not.toBe(kept.signIns[stage.site.url].refreshToken);
  });

  it('signs out there and here', async () => {
    await login(emma, 'gone');
    const { accessToken } = JSON.parse(await readFile(file('gone'), 'utf8')).signIns[stage.site.url];
    expect((await cli.run(['logout'], env('gone'))).code).toBe(0);
    const answer = await fetch(`${stage.site.url}/api/session`, {
      headers: { authorization: `Bearer ${accessToken}` },
    });
    expect(answer.status).toBe(401);
    const ended = await cli.run(['status', ...at()], env('gone'));
    expect(ended.code).toBe(4);
    expect(ended.stderr).toContain(`Next: graph-valet login --url ${stage.site.url}`);
  });

  it('lists, shows, refreshes and removes connections, and asks before it removes', async () => {
    await stage.connect('farid.haddad');
    const name = upn('farid.haddad').toLowerCase();
    const run = (...args: string[]) => cli.run(['connections', ...args], env('admin'));
    const [text, json, shown] = await Promise.all([run('list'), run('list', '--json'), run('show', name)]);
    expect(text.stdout).toMatch(/^ALIAS +KIND +HEALTH/);
    const list = JSON.parse(json.stdout);
    expect(list.map(({ alias }: { alias: string }) => alias)).toEqual(
      expect.arrayContaining(['contoso', name]),
    );
    expect(shown.stdout).toContain('Files.ReadWrite.All');
    expect(JSON.parse((await run('refresh', name, '--json')).stdout)).toMatchObject({ health: 'active' });
    expect((await run('remove', name)).code).toBe(2);
    expect((await run('show', name)).code).toBe(0);
    expect((await run('remove', name, '--yes')).code).toBe(0);
    const gone = await run('show', name, '--json');
    expect(gone).toMatchObject({ code: 3, stdout: '' });
    expect(JSON.parse(gone.stderr).error).toMatchObject({ code: 'not_found', next: expect.any(String) });
  });

  it('shows an administrator the keys, and rotates them', async () => {
    await login(admin, 'admin');
    const keys = (...args: string[]) => cli.run(['keys', ...args, ...at()], env('admin'));
    expect((await keys('list', '--rows')).stdout).toMatch(
      /^rotation\s+none under way\n\nKEY .*\n[0-9a-f]{32}\s+active/,
    );
    const begun = await keys('rotate');
    expect(begun.stdout).toMatch(/^rotation\s+prepare\ngoes on at/);
    expect(begun.stdout).toMatch(/ next /);
    const again = await keys('rotate');
    expect([again.code === 0, again.stdout]).toEqual([false, '']);
    expect(again.stderr).toContain('A rotation is under way');
    const other = await cli.run(['keys', 'list', ...at()], env('emma'));
    expect([other.code === 0, other.stdout]).toEqual([false, '']);
  });

  it('waits until a person has connected a further account in their browser', async () => {
    const account = upn('david.okafor');
    const program = cli.start(['connect', '--no-browser', '--json'], env('emma'));
    const [, address = ''] = await program.said(/^ {2}(http\S+)$/m);
    // In a browser where nobody is signed in: their own sign-in comes first, and is not what is waited for.
    const browser = (await stage.signIn(stage.person('emma.larsen'))).browser;
    await passSignIn(browser, await browser.open(address), stage.person('david.okafor'), stage.site.url);
    const ended = await program.ended;
    expect(JSON.parse(ended.stdout)).toMatchObject({ username: account, alias: account.toLowerCase() });
  });

  it('prints a token of the person’s own connection where a policy lets their programs have one', async () => {
    const own = (...args: string[]) => cli.run(['token', ...args], env('emma'));
    const policy = (programs: boolean) =>
      stage.put('people', {
        caller: { kind: 'session', people: [stage.person('emma.larsen').id], programs },
        grant: { connection: '*@contoso.example', delivery: ['token'], scopes: ['.default'] },
      });
    await policy(false);
    expect(await own()).toMatchObject({ code: 5, stdout: '' });
    await policy(true);
    const given = await own('--scope', 'User.Read');
    expect(given).toMatchObject({ code: 0, stderr: '' });
    const me = await fetch(`${stage.info.graphUrl}/v1.0/me`, {
      headers: { authorization: `Bearer ${given.stdout}` },
    });
    expect(await me.json()).toMatchObject({ id: stage.person('emma.larsen').id });
    expect(await readFile(file('emma'), 'utf8')).not.toContain(given.stdout);
  });

  describe('for a job', () => {
    let key: Record<string, string>;
    beforeAll(async () => {
      const caller = await stage.caller();
      key = { ...env('job'), GRAPH_VALET_CALLER_ID: caller.id, GRAPH_VALET_CALLER_KEY: caller.key };
      await stage.put('job', {
        caller: { kind: 'api_key', id: caller.id },
        grant: { connection: 'contoso', delivery: ['token'], scopes: ['.default'] },
      });
      await stage.put('workflow', {
        caller: {
          kind: 'oidc',
          issuer: stage.issuer.url,
          subject: 'repo:contoso/website:ref:refs/heads/main',
        },
        grant: { connection: 'contoso', delivery: ['token'], scopes: ['.default'] },
      });
    });
    const token = (more: string[], environment: Record<string, string>) =>
      cli.run(['token', '--audience', 'contoso', ...more, ...at()], environment);

    it('prints a token of Graph and nothing else, by a key', async () => {
      const raw = await token([], key);
      expect(raw).toMatchObject({ code: 0, stderr: '' });
      expect(raw.stdout).toMatch(/^eyJ[\w.-]+$/);
      expect((await token(['--format', 'header'], key)).stdout).toBe(`Authorization: Bearer ${raw.stdout}`);
      const json = JSON.parse((await token(['--format', 'json', '--min-ttl', '5m'], key)).stdout);
      expect(json).toMatchObject({ version: 1, token_type: 'Bearer', access_token: raw.stdout });
      expect(Date.parse(json.expires_at)).toBeGreaterThan(Date.now() + 300_000);
    });

    it('takes the token that a job was given, and asks GitHub Actions for one made for this installation', async () => {
      const sub = 'repo:contoso/website:ref:refs/heads/main';
      const given = { ...env('job'), GRAPH_VALET_ID_TOKEN: await stage.idToken({ sub }) };
      expect((await token([], given)).stdout).toMatch(/^eyJ/);

      const asked: string[] = [];
      const gitHub = createServer(async (request, response) => {
        asked.push(`${request.headers.authorization} ${request.url}`);
        response.end(JSON.stringify({ value: await stage.idToken({ sub }) }));
      });
      await new Promise<void>((resolve) => gitHub.listen(0, '127.0.0.1', resolve));
      const { port } = gitHub.address() as AddressInfo;
      const inActions = {
        ...env('job'),
        ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${port}/token?api-version=2`,
        ACTIONS_ID_TOKEN_REQUEST_TOKEN: 'request-token',
      };
      const ended = await token([], inActions);
      gitHub.close();
      expect(ended.stdout).toMatch(/^eyJ/);
      expect(asked).toEqual([
        `Bearer request-token /token?api-version=2&audience=${encodeURIComponent(stage.site.url)}`,
      ]);
    });

    it('ends with a code that says what to do when there is no token', async () => {
      expect(await token(['--scope', 'Calendars.Read'], key)).toMatchObject({ code: 5, stdout: '' });
      const wrong = { ...key, GRAPH_VALET_CALLER_KEY: `gvk_${'x'.repeat(43)}` };
      const refused = await token([], wrong);
      expect(refused.code).toBe(5);
      expect(refused.stderr).not.toContain('gvk_');
      expect((await token([], env('nobody'))).code).toBe(4);
      const closed = await cli.run(['token', '--audience', 'x', '--url', 'http://127.0.0.1:1'], key);
      expect(closed.code).toBe(6);
    });

    it('explains to an administrator which policy decides', async () => {
      const run = (...args: string[]) => cli.run(['explain', ...args], env('admin'));
      const granted = await run('--audience', 'contoso', '--caller', key.GRAPH_VALET_CALLER_ID ?? '');
      expect(granted.stdout).toMatch(/^granted, by policy job/);
      expect(granted.stdout).not.toContain('also holds');
      await stage.put('narrow', {
        caller: { kind: 'oidc', issuer: stage.issuer.url, subject: 'narrow' },
        grant: { connection: 'contoso', delivery: ['token'], scopes: ['Mail.Send'] },
      });
      const narrow = ['--audience', 'contoso', '--issuer', stage.issuer.url, '--subject', 'narrow'];
      expect((await run(...narrow)).stdout).toMatch(/also holds .*User\.Read\.All/);
      const refused = await run(
        ...['--audience', 'contoso', '--issuer', stage.issuer.url, '--subject', 'repo:contoso/other:x'],
      );
      expect(refused.stdout).toMatch(/caller\.subject: wanted "repo:contoso\/website/);
    });
  });

  it('tells what is wrong with its own use, and never takes http to another machine', async () => {
    const [unknown, nowhere, plain, help] = await Promise.all([
      cli.run(['statu']),
      cli.run(['status'], env('empty')),
      cli.run(['status', '--url', 'http://valet.contoso.com'], env('empty')),
      cli.run(['--help']),
    ]);
    expect(unknown).toMatchObject({ code: 2, stderr: expect.stringContaining('Did you mean status?') });
    expect(nowhere).toMatchObject({ code: 2, stderr: expect.stringContaining('GRAPH_VALET_URL') });
    expect(plain.code).toBe(2);
    expect(help).toMatchObject({ code: 0, stderr: '' });
    expect(help.stdout).toContain('Exit codes');
  });
});
