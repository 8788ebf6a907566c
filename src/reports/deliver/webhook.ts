import { z } from 'zod';
import { isLoopback } from '../../config.ts';
import { AppError } from '../../errors.ts';
import { signWebhook } from '../../outbound/sign-webhook.ts';
import { defineDelivery, type Parcel } from './delivery.ts';
import { stampedName } from './file-name.ts';

const address = z
  .url({ protocol: /^https?$/, error: 'must be an https address' })
  .max(1_000)
  .refine((text) => {
    const { username, password, hash } = new URL(text);
    return username === '' && password === '' && hash === '';
  }, 'must have no user name, password or fragment')
  .refine((text) => text.startsWith('https:') || isLoopback(new URL(text)), 'must be an https address');

const input = z.strictObject({
  kind: z.literal('webhook'),
  url: address,
  secretName: z
    .string()
    .regex(/^webhook-[0-9A-Za-z-]{1,100}$/, 'must be the name of a secret that begins with webhook-')
    .default('webhook-reports')
    .describe(
      'secret of Key Vault that signs: whsec_ and at least 24 bytes in base64; two of them, separated by a space, while one replaces the other',
    ),
});

export const webhook = defineDelivery({
  kind: 'webhook',
  summary:
    'Tells another service by HTTPS, signed as Standard Webhooks has it. It may be told twice: webhook-id is the same then.',
  input,
  needs: [],
  per: 'run',
  words: ({ url }) => new URL(url).host,

  async deliver(deps, { url, secretName }, parcel) {
    const secret = await deps.secret(secretName);
    if (secret === undefined)
      throw new AppError('broker_misconfigured', `Key Vault has no secret ${secretName}.`);
    const now = deps.clock();
    const body = JSON.stringify(messageOf(parcel, now));
    await deps.post(url, body, signWebhook({ id: parcel.id, at: now, body }, secret));
    // The rest of an address may be as good as a key.
    return { where: new URL(url).host };
  },
});

function messageOf(
  { run, job, report, title, generatedAt, summary, url, files, stamp }: Parcel,
  now: number,
) {
  return {
    type: 'report.made',
    timestamp: new Date(now).toISOString(),
    data: {
      run,
      job,
      report,
      title,
      generatedAt: new Date(generatedAt).toISOString(),
      summary: summary.text,
      url,
      files: files.map((file) => ({
        name: stampedName(file, stamp),
        format: file.format,
        size: file.size,
        rows: file.rows,
        url: file.url,
      })),
    },
  };
}
