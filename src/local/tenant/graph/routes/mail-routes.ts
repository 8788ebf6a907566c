import * as z from 'zod';
import type { Exchange, Reply, Route } from '../../http/route.ts';
import { HttpFault } from '../../http/route.ts';
import { holdsAny } from '../access/permission-names.ts';
import { decode, requireMe, requireUser, tokenOf } from '../addressing/find-drive.ts';
import { graphPath, userPath } from '../addressing/item-paths.ts';
import type { GraphContext } from '../graph-context.ts';
import { parse } from '../wire/bodies.ts';
import { type GraphRoute, graphRoute } from '../wire/graph-route.ts';

const address = z.looseObject({
  emailAddress: z.looseObject({ address: z.string(), name: z.string().optional() }),
});
const mail = z.looseObject({
  message: z.looseObject({
    subject: z.string().optional(),
    body: z.looseObject({ contentType: z.string().optional(), content: z.string() }).optional(),
    toRecipients: z.array(address).min(1),
    attachments: z.array(z.looseObject({ name: z.string(), contentBytes: z.string().optional() })).optional(),
  }),
  saveToSentItems: z.boolean().optional(),
});

const MOST_BYTES = 4 * 1024 * 1024;

/** A message as base64 MIME: its head is read, the whole is kept. */
function readMime(body: Buffer): { to: string[]; subject: string; mime: string } {
  const mime = Buffer.from(body.toString('latin1'), 'base64').toString('utf8');
  const head = mime.split(/\r?\n\r?\n/)[0] ?? '';
  const field = (name: string) => new RegExp(`^${name}:[ \\t]*(.*)$`, 'im').exec(head)?.[1]?.trim();
  const to =
    field('To')
      ?.split(',')
      .map((one) => one.trim()) ?? [];
  if (to.length === 0)
    throw new HttpFault(
      400,
      'ErrorMimeContentInvalidBase64String',
      'Invalid base64 string for MIME content.',
    );
  return { to, subject: field('Subject') ?? '', mime };
}

/** sendMail into an outbox that control reads. */
export function mailRoutes(context: GraphContext): { graph: GraphRoute[]; control: Route[] } {
  const outbox: object[] = [];

  function send(exchange: Exchange, me: boolean): Reply {
    const token = tokenOf(exchange);
    const from = me
      ? requireMe(context, token)
      : requireUser(context, token, decode(exchange.params.user ?? ''));
    const own = token.kind === 'user' && from.id !== token.oid;
    if (!holdsAny(token, ['Mail.Send']) || own) {
      throw new HttpFault(403, 'ErrorAccessDenied', 'Access is denied. Check credentials and try again.');
    }
    if (exchange.body.length > MOST_BYTES)
      throw new HttpFault(413, 'RequestEntityTooLarge', 'The message is too large.');
    if (/^text\/plain/i.test(exchange.headers['content-type'] ?? '')) {
      outbox.push({
        at: new Date(context.clock()).toISOString(),
        from: from.upn,
        ...readMime(exchange.body),
      });
      return { status: 202 };
    }
    const { message } = parse(exchange.json(), mail);
    outbox.push({
      at: new Date(context.clock()).toISOString(),
      from: from.upn,
      to: message.toRecipients.map((one) => one.emailAddress.address),
      subject: message.subject ?? '',
      body: message.body?.content ?? '',
      contentType: message.body?.contentType ?? 'text',
      attachments: (message.attachments ?? []).map((one) => ({
        name: one.name,
        bytes: Buffer.from(one.contentBytes ?? '', 'base64').length,
      })),
    });
    return { status: 202 };
  }

  const common = {
    method: 'POST',
    summary: 'Sends a mail (into the outbox of control)',
    contract: '8',
    omitted: 'delivery',
    units: 0,
  } as const;
  return {
    graph: [
      graphRoute({
        ...common,
        path: graphPath('/me/(?:microsoft\\.graph\\.)?sendMail'),
        display: '/me/sendMail',
        handle: (exchange) => send(exchange, true),
      }),
      graphRoute({
        ...common,
        path: userPath('/(?:microsoft\\.graph\\.)?sendMail'),
        display: '/users/{user}/sendMail',
        handle: (exchange) => send(exchange, false),
      }),
    ],
    control: [
      {
        listener: 'control',
        method: 'GET',
        path: '/control/outbox',
        summary: 'Mails that were sent',
        contract: '-',
        handle: () => ({ status: 200, body: { value: outbox } }),
      },
      {
        listener: 'control',
        method: 'DELETE',
        path: '/control/outbox',
        summary: 'Forgets them',
        contract: '-',
        handle: () => {
          outbox.length = 0;
          return { status: 204 };
        },
      },
    ],
  };
}
