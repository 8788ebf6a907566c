import { subscribe, unsubscribe } from 'node:diagnostics_channel';

/** Node announces here that one of its HTTP clients has received the head of an answer. */
const channel = 'http.client.response.finish';

/**
 * Calls `noticed` with the queue's name when this process has put a message into a storage queue, whichever copy of
 * the SDK did it (the app's, or the one for queue outputs). Returns the function that ends it.
 */
export function watchEnqueues(noticed: (queueName: string) => void): () => void {
  const listener = (event: unknown) => {
    const queueName = enqueuedInto(event);
    if (queueName !== undefined) noticed(queueName);
  };
  subscribe(channel, listener);
  return () => {
    unsubscribe(channel, listener);
  };
}

/** Storage's "Put Message" is a POST to `/{queue}/messages`; Azurite has the account's name in front. */
function enqueuedInto(event: unknown): string | undefined {
  const request = isObject(event) ? event.request : undefined;
  if (!isObject(request) || request.method !== 'POST' || typeof request.path !== 'string') return undefined;
  return /\/([a-z0-9-]+)\/messages(?:\?|$)/.exec(request.path)?.[1];
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
