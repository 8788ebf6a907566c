import { z } from 'zod';
import { AppError } from '../../errors.ts';
import { uploadFile } from '../../graph/upload.ts';
import { itemPath } from '../operate/item-path.ts';
import { toFolder } from '../text/folder.ts';
import { fold } from '../text/glob.ts';
import { splitName } from '../text/item-name.ts';
import { fillTemplate } from '../text/template.ts';
import { defineAction } from './action.ts';
import { destination } from './destination.ts';

/** What Graph makes a PDF of. */
const convertible = new Set(
  'csv doc docx odp ods odt pot potm potx pps ppsx ppsxm ppt pptm pptx rtf xls xlsx'.split(' '),
);
/** The PDF is held in memory on its way. */
const largestBytes = 64 * 1024 * 1024;

export const convert = defineAction({
  name: 'convert',
  summary: 'Saves the document as a PDF, beside it or in another folder of the same drive.',
  input: z.strictObject({
    to: destination.optional(),
    /** What happens to a PDF of that name which is older than the document. */
    whenOlder: z.enum(['replace', 'fail']).default('fail'),
  }),
  wanted: z.object({ folder: z.string(), name: z.string(), whenOlder: z.enum(['replace', 'fail']) }),
  needs: ['Files.ReadWrite.All'],
  sentence: ({ to }) => (to === undefined ? 'save as PDF beside it' : `save as PDF in ${to}`),
  target: ({ to }) => to ?? 'its own folder',
  makes: {
    extension: 'pdf',
    folder: ({ to }) => to,
    file: (_item, { folder, name }) => ({ folder, name }),
  },
  plan: (item, { to, whenOlder }) => {
    const { stem, extension } = splitName(item.name);
    if (!convertible.has(fold(extension))) {
      throw new AppError(
        'invalid_request',
        `Microsoft makes no PDF of a file of type ${extension || 'none'}.`,
      );
    }
    const folder = to === undefined ? item.folder : toFolder(fillTemplate(to, item));
    return { folder, name: `${stem}.pdf`, whenOlder };
  },
  expected: (item) => item,
  words: ({ folder, name }) => `save as ${name} in ${folder}`,
  async find(item, { folder, name, whenOlder }, writer, began) {
    const there = await writer.fileAt(folder, name);
    if (!there) return undefined;
    // Another one of that name is only taken for ours where it can be: it is no older than the document.
    if (there.modifiedAt >= item.modifiedAt) {
      return began ? { item, inverse: { kind: 'remove', itemId: there.id, eTag: there.eTag } } : { item };
    }
    if (whenOlder === 'replace') return undefined;
    throw new AppError('conflict', `There is an older ${name} in ${folder}; it was left as it is.`);
  },
  async apply(item, { folder, name }, writer) {
    const before = await writer.fileAt(folder, name);
    const bytes = await readAll(
      await writer.graph.download(`${itemPath(writer, item.id)}/content?format=pdf`),
    );
    const upload = {
      driveId: writer.driveId,
      folderId: await writer.folderId(folder),
      name,
      contentType: 'application/pdf',
      size: bytes.byteLength,
      read: async (offset: number, length: number) => bytes.subarray(offset, offset + length),
    };
    // The session lives no longer than this try: what it left is replaced by the next one.
    const session = {
      load: async () => undefined,
      save: async () => undefined,
      clear: async () => undefined,
    };
    const limits = { clock: () => 0, deadline: 1 };
    const made = await uploadFile(writer.graph, upload, session, limits);
    // A PDF that was there before has its older version in its own history.
    const isNew = before === undefined && made?.eTag;
    return isNew ? { item, inverse: { kind: 'remove', itemId: made.id, eTag: isNew } } : { item };
  },
});

async function readAll(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of stream) {
    size += chunk.byteLength;
    if (size > largestBytes) throw new AppError('body_too_large', 'The PDF is larger than 64 MB.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}
