import { createPost } from '../../../src/outbound/post.ts';

function poster(status: number | Error, addresses: readonly string[] = ['203.0.113.7']) {
  const sent: { url: string; init: RequestInit | undefined }[] = [];
  const post = createPost(
    async (url, init) => {
      sent.push({ url: String(url), init });
      if (status instanceof Error) throw status;
      return new Response(null, { status });
    },
    { lookup: async () => addresses },
  );
  return { sent, post: (url = 'https://hooks.example/x') => post(url, { a: 1 }, { 'idempotency-key': 'k' }) };
}

describe('a webhook', () => {
  it('is sent as JSON, and no redirect is followed', async () => {
    const { sent, post } = poster(204);
    await post();
    expect(sent).toHaveLength(1);
    expect(sent[0]?.init).toMatchObject({ method: 'POST', body: '{"a":1}', redirect: 'manual' });
  });

  it.each([
    [404, 'invalid_target', false],
    [302, 'upstream_unavailable', true],
    [429, 'upstream_unavailable', true],
    [500, 'upstream_unavailable', true],
    [new Error('reset'), 'upstream_unavailable', true],
  ])('that is answered with %s fails as %s', async (status, code, retryable) => {
    await expect(poster(status).post()).rejects.toMatchObject({ code, retryable });
  });

  it('may say for how long it wants to be left alone', async () => {
    const post = createPost(
      async () => new Response(null, { status: 429, headers: { 'retry-after': '120' } }),
      {
        lookup: async () => ['203.0.113.7'],
      },
    );
    await expect(post('https://hooks.example/x', {}, {})).rejects.toMatchObject({ retryAfter: 120 });
  });

  it.each([
    'http://hooks.example/x',
    'https://user@hooks.example/x',
    'https://127.0.0.1/x',
    'https://[::1]/x',
    'https://[::ffff:127.0.0.1]/x',
    'https://[2002:7f00:1::]/x',
    'https://169.254.169.254/metadata',
    'https://0x7f.1/x',
    'no address',
  ])('to %s is refused before anything is sent', async (url) => {
    const { sent, post } = poster(200);
    await expect(post(url)).rejects.toMatchObject({ code: 'invalid_target' });
    expect(sent).toEqual([]);
  });

  it.each(['10.1.2.3', '127.0.0.1', '168.63.129.16', 'fd00::1', 'fe80::1', '::ffff:10.0.0.1', '::1'])(
    'to a name that means %s is refused, also when it means others too',
    async (address) => {
      const { sent, post } = poster(200, ['203.0.113.7', address]);
      await expect(post()).rejects.toMatchObject({ code: 'invalid_target' });
      expect(sent).toEqual([]);
    },
  );

  it('on this machine is told only where that is allowed', async () => {
    const sent: string[] = [];
    const fetch = async (url: unknown) => {
      sent.push(String(url));
      return new Response(null, { status: 204 });
    };
    const local = createPost(fetch, { allowLoopback: true });
    await local('http://127.0.0.1:8080/x', {}, {});
    await expect(local('http://10.0.0.1/x', {}, {})).rejects.toMatchObject({ code: 'invalid_target' });
    await expect(local('https://10.0.0.1/x', {}, {})).rejects.toMatchObject({ code: 'invalid_target' });
    expect(sent).toEqual(['http://127.0.0.1:8080/x']);
  });
});
