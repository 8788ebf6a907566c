import { signWebhook } from '../../../src/outbound/sign-webhook.ts';

// The example of the Standard Webhooks reference libraries.
const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const message = { id: 'msg_p5jXN8AQM9LWM0D4loKWxJek', at: 1_614_265_330_999, body: '{"test": 2432232314}' };
const signature = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';

describe('the signature of a webhook', () => {
  it('is the one that Standard Webhooks says', () => {
    expect(signWebhook(message, secret)).toEqual({
      'webhook-id': message.id,
      'webhook-timestamp': '1614265330',
      'webhook-signature': signature,
    });
  });

  it('is made with each of two secrets while one replaces the other', () => {
    const other = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;
    const signed = signWebhook(message, `${secret} ${other}\n`)['webhook-signature'] ?? '';
    const [first, second] = signed.split(' ');
    expect(first).toBe(signature);
    expect(second).toBe(signWebhook(message, other)['webhook-signature']);
  });

  it('is refused with a secret that is too short or none, without its text', () => {
    for (const wrong of ['', 'whsec_', 'whsec_canary', '   ']) {
      expect(() => signWebhook(message, wrong)).toThrow(/not whsec_ and the base64/);
    }
  });
});
