import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { type MailAttachment, sendMail } from '../../graph/send-mail.ts';
import { catalogue } from '../catalogue/index.ts';
import { type DeliveryDeps, type DeliveryFile, defineDelivery, type Parcel } from './delivery.ts';
import { stampedName } from './file-name.ts';
import { mailBody } from './mail-body.ts';

const address = z.email();
const input = z.strictObject({
  kind: z.literal('mail'),
  to: z.array(address).min(1).max(20),
  from: address.optional().describe("whose mailbox sends it; without it the connection's own person"),
  subject: z.string().trim().min(1).max(200).optional(),
  attach: z
    .boolean()
    .optional()
    .describe(
      'whether files go with the mail; without it they do, unless the report tells who may open what',
    ),
});

/** sendMail takes 4 MB in all, and base64 makes four bytes of three. */
const mostBytes = 2_900_000;

export const mail = defineDelivery({
  kind: 'mail',
  summary:
    'Mails the summary with the files, or with a link where they are large. A mail may come twice, when the host died while it was sent.',
  input,
  needs: ['Mail.Send'],
  per: 'run',
  words: ({ to }) => to.join(', '),
  problem: ({ from }, { kind }) =>
    kind === 'app' && from === undefined
      ? { path: 'from', message: 'must name a mailbox: this connection is no person' }
      : undefined,

  /**
   * Graph tells nobody whether a mail left, unless one may read the whole mailbox. So a try whose answer was lost is made again; both mails
   * carry the same `x-graph-valet-delivery`.
   */
  async deliver(deps, { to, from, subject, attach }, parcel) {
    const client = await deps.graphFor(parcel.connection, 'reports');
    const attached = (attach ?? !tellsOfAccess(parcel.report)) ? fitting(parcel.files) : [];
    await sendMail(client, {
      from,
      to,
      subject: subject ?? parcel.summary.subject,
      text: await mailBody(parcel, attached),
      isHtml: true,
      headers: { 'x-graph-valet-delivery': parcel.id },
      attachments: await Promise.all(attached.map((file) => attachmentOf(deps, file, parcel))),
    });
    return { where: to.join(', ') };
  },
});

/** Lists of who may open what are not sent around unless somebody asked for it. */
function tellsOfAccess(report: string): boolean {
  return catalogue[report]?.reads.includes('permissions') ?? true;
}

/** The files that fit into one mail, in their order. */
function fitting(files: readonly DeliveryFile[]): DeliveryFile[] {
  let left = mostBytes;
  return files.filter(({ size }) => {
    if (size > left) return false;
    left -= size;
    return true;
  });
}

async function attachmentOf(
  { blobs }: DeliveryDeps,
  file: DeliveryFile,
  { stamp }: Parcel,
): Promise<MailAttachment> {
  const data = await blobs.get(file.blob);
  if (!data) throw new AppError('gone', 'The file of this run was removed.');
  return { name: stampedName(file, stamp), contentType: file.contentType, data };
}
