import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { HttpRequest } from '@azure/functions';
import { receiveNotification } from '../../../src/api/notifications.ts';
import { drainMessage } from '../../../src/rules/watch/drain-message.ts';

const address = 'https://valet.example/notifications';
const secret = 'a secret of the subscription';
const proof = createHash('sha256').update(secret).digest('hex');

function post(query = '', body?: string) {
  return receiveNotification(
    new HttpRequest({
      method: 'POST',
      url: `${address}${query}`,
      headers: { 'content-type': body === undefined ? 'text/plain; charset=utf-8' : 'application/json' },
      ...(body === undefined ? {} : { body: { string: body } }),
    }),
  );
}

const entry = (more: Record<string, unknown> = {}) => ({
  subscriptionId: '7f105c7d-2dc5-4530-97cd-4e7ae6534c07',
  clientState: secret,
  changeType: 'updated',
  tenantId: 'contoso',
  resource: 'drives/b!xyz/root',
  ...more,
});
const notify = (...value: unknown[]) => post('', JSON.stringify({ value }));

describe('the question whether the address is ours', () => {
  it('is answered with the token, decoded, as plain text and nothing else', async () => {
    const token = 'Validation: Testing client application reachability for subscription Request-Id: 1+2&3';
    const { response, messages } = await post(`?validationToken=${encodeURIComponent(token)}`);
    expect(response).toMatchObject({ status: 200, body: token });
    expect(response.headers).toMatchObject({ 'content-type': 'text/plain; charset=utf-8' });
    expect(messages).toEqual([]);
  });

  it('is answered the same where spaces came as plus signs', async () => {
    expect((await post('?validationToken=Validation%3A+Testing')).response.body).toBe('Validation: Testing');
  });

  it('gives a browser nothing to run', async () => {
    const { response } = await post(`?validationToken=${encodeURIComponent('<script>alert(1)</script>')}`);
    expect(response.headers).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    });
  });

  it.each([
    ['empty', '?validationToken='],
    ['given twice', '?validationToken=a&validationToken=b'],
    ['too long', `?validationToken=${'x'.repeat(2_049)}`],
    ['with a line break', '?validationToken=a%0d%0ab'],
  ])('is refused when the token is %s', async (_, query) => {
    expect((await post(query)).response.status).toBe(400);
  });
});

describe('a notification', () => {
  it('is answered with 202 and becomes a message with the hash of the secret', async () => {
    const { response, messages } = await notify(entry());
    expect(response.status).toBe(202);
    expect(messages).toEqual([{ kind: 'tap', subscriptionId: entry().subscriptionId, proof }]);
    expect(JSON.stringify(messages)).not.toContain(secret);
  });

  it('makes messages that the drain reads', async () => {
    const { messages } = await notify(entry(), entry({ lifecycleEvent: 'reauthorizationRequired' }));
    expect(messages.map((message) => drainMessage.parse(message).kind)).toEqual(['tap', 'lifecycle']);
  });

  it('that names one subscription a thousand times makes one message', async () => {
    expect((await notify(...Array.from({ length: 1_000 }, () => entry()))).messages).toHaveLength(1);
  });

  it('of several tenants makes a message for each subscription', async () => {
    const { messages } = await notify(entry(), entry({ subscriptionId: 'other', tenantId: 'fabrikam' }));
    expect(messages).toHaveLength(2);
  });

  it.each([
    ['no subscription', entry({ subscriptionId: undefined })],
    ['no secret', entry({ clientState: null })],
    ['an endless secret', entry({ clientState: 'x'.repeat(300) })],
    ['a lifecycle event that is no text', entry({ lifecycleEvent: 7 })],
    ['nothing at all', null],
  ])('with %s is answered alike and dropped', async (_, one) => {
    const { response, messages } = await notify(one);
    expect(response.status).toBe(202);
    expect(messages).toEqual([]);
  });

  it.each([
    ['no JSON', 'hello'],
    ['no list', '{"value":{}}'],
    ['a bare list', '[]'],
    ['too many entries', JSON.stringify({ value: Array.from({ length: 2_001 }, () => 1) })],
  ])('that is %s is refused with 400', async (_, body) => {
    expect((await post('', body)).response.status).toBe(400);
  });

  it('that is larger than a megabyte is refused with 413', async () => {
    expect((await post('', 'x'.repeat(1024 * 1024 + 1))).response.status).toBe(413);
  });
});

it('the way of a notification loads nothing but Node', () => {
  const file = path.resolve(import.meta.dirname, '../../../src/api/notifications.ts');
  const imports = [...readFileSync(file, 'utf8').matchAll(/^import (?!type ).* from '([^']+)'/gm)];
  expect(imports.map((match) => match[1])).toEqual(['node:crypto']);
});
