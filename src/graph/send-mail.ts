import type { GraphClient } from './graph-client.ts';

export interface Mail {
  /** Whose mailbox sends it; without it the connection's own person. */
  readonly from?: string | undefined;
  readonly to: readonly string[];
  readonly subject: string;
  /** Plain text: names of files and people are anybody's text. */
  readonly text: string;
  /** Of the mail itself; names begin with `x-`. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Sends a mail without keeping a copy. Needs Mail.Send. */
export async function sendMail(client: Pick<GraphClient, 'call'>, mail: Mail): Promise<void> {
  const { from, to, subject, text, headers = {} } = mail;
  const own = Object.entries(headers).map(([name, value]) => ({ name, value }));
  await client.call({
    method: 'POST',
    path: `${from === undefined ? '/me' : `/users/${encodeURIComponent(from)}`}/sendMail`,
    body: {
      message: {
        subject,
        body: { contentType: 'Text', content: text },
        toRecipients: to.map((address) => ({ emailAddress: { address } })),
        ...(own.length > 0 ? { internetMessageHeaders: own } : {}),
      },
      saveToSentItems: false,
    },
  });
}
