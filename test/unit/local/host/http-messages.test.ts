import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, type RequestOptions, request } from 'node:http';
import { connect } from 'node:net';
import { functionKey, masterKey, startTestHost, type TestHost } from '../../../support/local-host.ts';
import { waitFor } from '../../../support/wait-for.ts';

describe('requests and replies of the local host', () => {
  let host: TestHost;
  beforeAll(async () => {
    host = await startTestHost({ app: 'http', env: { ROUTE: 'r' }, args: ['--log-level', 'trace'] });
  });
  afterAll(() => host.child.stop());

  const get = (path: string, init?: RequestInit) => fetch(host.url + path, init);

  it('carries a binary body both ways unchanged', async () => {
    const body = randomBytes(3_000_000);
    const answer = await get('/echo', { method: 'PUT', body, headers: { 'content-type': 'image/x-test' } });
    expect(Buffer.from(await answer.arrayBuffer()).equals(body)).toBe(true);
    expect(answer.headers.get('content-type')).toBe('image/x-test');
    expect(answer.headers.get('x-method')).toBe('PUT');
  });

  it('answers 204 when a function returns nothing', async () => {
    const answer = await get('/nothing', { method: 'POST' });
    expect([answer.status, await answer.text()]).toEqual([204, '']);
  });

  it('answers HEAD like GET but without the body', async () => {
    const [head, full] = await Promise.all([get('/text', { method: 'HEAD' }), get('/text')]);
    expect([head.status, head.headers.get('x-more'), await head.text()]).toEqual([418, 'yes', '']);
    expect(head.headers.get('content-length')).toBe(String((await full.text()).length));
  });

  it.each([
    ['throws', '/throws', { method: 'POST', body: 'body of the caller' }],
    ['returns something that is no response', '/notAnObject', {}],
  ])('answers 500 with an empty body when a function %s, and logs why', async (_, path, init) => {
    const answer = await get(path, init);
    expect([answer.status, await answer.text()]).toEqual([500, '']);
    const line = await waitFor(() => host.lines.find((each) => each.includes(`function=${path.slice(1)}`)));
    expect(line).toMatch(/ error failed .*invocation=[0-9a-f-]{36} .*error=/);
  });

  it('writes cookies with every attribute, a path where none was given, and the value escaped', async () => {
    const answer = await get('/cookies');
    expect(answer.headers.getSetCookie()).toEqual([
      '__Host-session=a%20b%3Bc%27; max-age=60; path=/; secure; samesite=lax; httponly',
      'plain=x; expires=Wed, 02 Jan 2030 03:04:05 GMT; path=/; samesite=strict',
      'cross=y; domain=localhost; path=/only; samesite=none',
    ]);
  });

  it('keeps only the last Set-Cookie of the headers, as Azure does', async () => {
    expect((await get('/cookieHeaders')).headers.getSetCookie()).toEqual(['last=2']);
  });

  it('drops the body of a chunked request, as Azure does, and says so', async () => {
    const chunked = await send(
      { method: 'POST', path: '/echo', headers: { 'transfer-encoding': 'chunked' } },
      'x',
    );
    expect([chunked.status, chunked.body]).toEqual([200, '']);
    expect(host.lines.some((line) => line.includes('chunked request'))).toBe(true);
  });

  it('refuses a body of more than 100 MB before reading it', async () => {
    const answer = await send({ method: 'POST', path: '/echo', headers: { 'content-length': 104_857_601 } });
    expect(answer.status).toBe(413);
  });

  it('survives a client that goes away in the middle of its body', async () => {
    const { port } = new URL(host.url);
    const socket = connect(Number(port), '127.0.0.1');
    await once(socket, 'connect');
    socket.write('POST /echo HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\nonly this');
    socket.destroy();
    expect((await get('/text')).status).toBe(418);
  });

  it('listens on 127.0.0.1 and on no other address', async () => {
    const { port } = new URL(host.url);
    // Bound to every interface, it would answer here too.
    const socket = connect(Number(port), '127.0.0.2');
    const outcome = await Promise.race([
      once(socket, 'connect').then(() => 'open'),
      once(socket, 'error'),
    ]).catch(() => 'refused');
    socket.destroy();
    expect(outcome).not.toBe('open');
  });

  it('asks for the key that the function wants', async () => {
    const statusWith = async (path: string, key?: string) =>
      (await get(path, { headers: key === undefined ? {} : { 'x-functions-key': key } })).status;
    expect(await statusWith('/withKey')).toBe(401);
    expect(await statusWith('/withKey', 'wrong')).toBe(401);
    expect(await statusWith('/withKey', functionKey)).toBe(200);
    expect(await statusWith('/withKey', masterKey)).toBe(200);
    expect(await statusWith('/withMasterKey', functionKey)).toBe(401);
    expect(await statusWith('/withMasterKey', masterKey)).toBe(200);
    expect((await get(`/withKey?code=${functionKey}`)).status).toBe(200);
    expect((await get('/withKey?code=wrong')).status).toBe(401);
  });

  it('keeps its keys out of the environment of the app', async () => {
    expect(await host.json('/environment')).toEqual({ keys: [] });
  });

  it("logs the function's own lines with its name and invocation", async () => {
    await get('/logs', { method: 'POST' });
    const lines = await waitFor(() => {
      const found = host.lines.filter((line) => line.includes('by the function'));
      return found.length === 2 && found;
    });
    expect(lines[0]).toMatch(/ information said by the function function=logs invocation=[0-9a-f-]{36}$/);
    expect(lines[1]).toContain(' warning warned by the function function=logs');
  });

  it('never logs a body, a query string or a header, even at the finest level', async () => {
    await get('/echo?marker-query=1', {
      method: 'POST',
      body: 'marker-body',
      headers: { 'x-test': 'marker-header', 'x-functions-key': 'marker-key' },
    });
    await waitFor(() => host.lines.some((line) => line.includes('path=/echo')));
    expect(host.lines.filter((line) => line.includes('marker'))).toEqual([]);
  });

  async function send(options: RequestOptions, body?: string) {
    const { hostname, port } = new URL(host.url);
    const sent = request({ ...options, hostname, port, agent: false });
    if (body === undefined) sent.flushHeaders();
    else sent.end(body);
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    let text = '';
    for await (const chunk of answer) text += chunk;
    sent.destroy();
    return { status: answer.statusCode, body: text };
  }
});
