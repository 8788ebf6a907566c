import { signInByLoopback } from '../../../src/cli/sign-in/loopback.ts';

describe('the sign-in by loopback', () => {
  it('gives up when nobody comes back in time, and leaves no port open', async () => {
    let redirect = '';
    const attempt = signInByLoopback('http://localhost:1', {
      limitMs: 20,
      async show(address) {
        const asked = new URL(address).searchParams;
        redirect = asked.get('redirect_uri') ?? '';
        expect(asked.get('code_challenge_method')).toBe('S256');
        expect(asked.get('state')).toMatch(/^[\w-]{43}$/);
      },
    });
    await expect(attempt).rejects.toMatchObject({ code: 'timed_out', exit: 'timedOut' });
    expect(redirect).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/);
    await expect(fetch(redirect)).rejects.toThrow();
  });

  it('takes an answer by its own name only, not one that another site gave this machine', async () => {
    const attempt = signInByLoopback('http://localhost:1', {
      limitMs: 5_000,
      async show(address) {
        const asked = new URL(address).searchParams;
        const { port } = new URL(asked.get('redirect_uri') ?? '');
        const back = `?code=x&state=${asked.get('state')}&iss=${encodeURIComponent('http://localhost:1')}`;
        const foreign = await fetch(`http://localhost:${port}/callback${back}`).catch(() => undefined);
        expect(foreign?.status).not.toBe(200);
        expect((await fetch(`http://127.0.0.1:${port}/callback?state=another`)).status).toBe(200);
      },
    });
    await expect(attempt).rejects.toMatchObject({ code: 'flow_mismatch' });
  });
});
