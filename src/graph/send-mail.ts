import type { GraphClient } from './graph-client.ts';

export interface Mail {
  /** Whose mailbox sends it; without it the connection's own person. */
  readonly from?: string | undefined;
  readonly to: readonly string[];
  readonly subject: string;
  /** Plain text unless `isHtml`: names of files and people are anybody's text. */
  readonly text: string;
  readonly isHtml?: boolean;
  /** A mail has 4 MB in all, and base64 makes four bytes of three. */
  readonly attachments?: readonly MailAttachment[];
  /** Of the mail itself; names begin with `x-`. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface MailAttachment {
  readonly name: string;
  readonly contentType: string;
  readonly data: Buffer;
}

/** Sends a mail without keeping a copy. Needs Mail.Send. */
export async function sendMail(client: Pick<GraphClient, 'call'>, mail: Mail): Promise<void> {
  const { from, to, subject, text, isHtml = false, headers = {}, attachments = [] } = mail;
  const own = Object.entries(headers).map(([name, value]) => ({ name, value }));
  await client.call({
    method: 'POST',
    path: `${from === undefined ? '/me' : `/users/${encodeURIComponent(from)}`}/sendMail`,
    body: {
      message: {
        subject,
        body: { contentType: isHtml ? 'HTML' : 'Text', content: text },
        toRecipients: to.map((address) => ({ emailAddress: { address } })),
        ...(own.length > 0 ? { internetMessageHeaders: own } : {}),
        ...(attachments.length > 0 ? { attachments: attachments.map(toAttachment) } : {}),
      },
      saveToSentItems: false,
    },
  });
}

function toAttachment({ name, contentType, data }: MailAttachment) {
  return {
    '@odata.type': '#microsoft.graph.fileAttachment',
    name,
    contentType,
    contentBytes: data.toString('base64'),
  };
}
