import { checkQuota } from '../access/guards.ts';
import type { Drive } from '../drives/drive.ts';
import {
  type ClientTimes,
  type ConflictBehavior,
  checkName,
  checkPath,
  type Editor,
  newItem,
  settleName,
  withContent,
} from '../drives/edit-item.ts';
import type { ContentRef, ItemRecord } from '../drives/item-record.ts';
import { faults } from '../errors.ts';
import type { GraphContext } from '../graph-context.ts';
import { isOffice } from './mime-types.ts';
import { quickXorHash } from './quick-xor-hash.ts';

export interface Upload {
  readonly drive: Drive;
  readonly parent: ItemRecord;
  /** Folders to make below the parent. */
  readonly missing: readonly string[];
  readonly name: string;
  readonly bytes: Buffer;
  readonly behavior: ConflictBehavior;
  readonly editor: Editor;
  readonly times?: ClientTimes | undefined;
  readonly mimeType?: string | undefined;
}

/** Writes a file: new, or the next version of the one that is there. Missing folders on the way are made. */
export function storeUpload(context: GraphContext, upload: Upload): { record: ItemRecord; made: boolean } {
  const { drive, editor } = upload;
  // Property promotion: SharePoint writes its own properties into Office files.
  const promoted = context.switches.rewriteOffice && drive.type !== 'personal' && isOffice(upload.name);
  const bytes = promoted ? Buffer.concat([upload.bytes, Buffer.alloc(64)]) : upload.bytes;
  checkName(drive, upload.name, false, editor);
  checkQuota(drive, bytes.length);
  const parent = makeFolders(context, upload);
  checkPath(drive, parent, upload.name);
  const { name, taken } = settleName(drive, parent, upload.name, upload.behavior);
  if (taken && taken.kind !== 'file') throw faults.nameTaken();
  const stored = context.newGuid();
  context.contents.put(stored, bytes);
  const content: ContentRef = { stored, hash: quickXorHash(bytes) };
  const file = { content, size: bytes.length, ...(upload.times ? { times: upload.times } : {}) };
  const plain = taken ? withContent(taken, editor, file) : newItem(drive, parent, name, editor, file);
  const mime = upload.mimeType;
  const record = mime === undefined ? plain : { ...plain, extras: { ...plain.extras, mimeType: mime } };
  drive.commit(record, context.clock());
  return { record, made: taken === undefined };
}

function makeFolders(context: GraphContext, { drive, parent, missing, editor }: Upload): ItemRecord {
  let folder = parent;
  for (const name of missing) {
    checkName(drive, name, true, editor);
    const made = newItem(drive, folder, name, editor);
    drive.commit(made, context.clock());
    folder = made;
  }
  return folder;
}
