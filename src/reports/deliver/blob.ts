import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { defineDelivery } from './delivery.ts';
import { stampedName } from './file-name.ts';

const container = z
  .string()
  .regex(/^[a-z0-9](?:[a-z0-9]|-(?=[a-z0-9])){2,62}$/, 'must be the name of a blob container')
  .refine(
    (name) => !/^(inventory|reports|azure-webjobs-.*|deployments?|app-package.*)$/.test(name),
    'belongs to this app',
  );

const input = z.strictObject({
  kind: z.literal('blob'),
  container: container.default('report-archive').describe('made when it is not there'),
  prefix: z
    .string()
    .max(200)
    .regex(/^(?!\/)(?!.*(?:\/\/|\\|\.\.))[^\p{Cc}]*$/u, 'must be a path without \\, .. and a slash in front')
    .default('')
    .describe('what names begin with, such as finance/'),
});

export const blob = defineDelivery({
  kind: 'blob',
  summary: 'Copies each file into another container of the storage account of this app.',
  input,
  needs: [],
  per: 'file',
  words: ({ container, prefix }) => `${container}/${prefix}`,

  /** The name follows from the run: a second try writes the same blob. */
  async deliver(deps, { container, prefix }, parcel) {
    const [file] = parcel.files;
    if (!file) return { where: container };
    const data = await deps.blobs.stream(file.blob);
    if (!data) throw new AppError('gone', 'The file of this run was removed.');
    const name = `${prefix}${stampedName(file, parcel.stamp)}`;
    await deps.container(container).putStream(name, data, file.contentType);
    return { where: `${container}/${name}` };
  },
});
