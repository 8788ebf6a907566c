import { createHmac } from 'node:crypto';
import { AppError } from '../errors.ts';

export interface WebhookMessage {
  /** The same at each try, so that a receiver can tell a repetition. */
  readonly id: string;
  /** Of this try, in milliseconds since 1970: receivers refuse old ones. */
  readonly at: number;
  /** The text exactly as it is sent. */
  readonly body: string;
}

/**
 * The headers by which a receiver knows that a message is ours, as Standard Webhooks has them. `secret` is `whsec_` and base64 of at
 * least 24 bytes; several, separated by spaces, sign side by side while one replaces another. Throws `broker_misconfigured`.
 */
export function signWebhook({ id, at, body }: WebhookMessage, secret: string): Record<string, string> {
  const timestamp = String(Math.floor(at / 1000));
  const signatures = secret
    .split(/\s+/)
    .filter(Boolean)
    .map(
      (each) =>
        `v1,${createHmac('sha256', keyOf(each)).update(`${id}.${timestamp}.${body}`).digest('base64')}`,
    );
  if (signatures.length === 0) throw unusable();
  return {
    'webhook-id': id,
    'webhook-timestamp': timestamp,
    'webhook-signature': signatures.join(' '),
  };
}

function keyOf(secret: string): Buffer {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
  if (key.length < 24) throw unusable();
  return key;
}

function unusable(): AppError {
  return new AppError(
    'broker_misconfigured',
    'The secret that signs webhooks is not whsec_ and the base64 of at least 24 bytes.',
  );
}
