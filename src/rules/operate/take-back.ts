import { AppError, isAppError } from '../../errors.ts';
import type { ItemFacts } from '../item-facts.ts';
import type { Inverse } from '../journal/inverse.ts';
import type { Step } from '../journal/operation.ts';
import { itemPath } from './item-path.ts';
import type { ItemWriter } from './item-writer.ts';

/**
 * Takes one step back and returns the file as it is then, where that changed. Already taken back counts as done. Throws
 * `conflict` when somebody changed since what the step left.
 */
export async function takeBack(
  step: Step,
  itemId: string,
  writer: ItemWriter,
): Promise<ItemFacts | undefined> {
  const { inverse } = step;
  if (!inverse) return undefined;
  switch (inverse.kind) {
    case 'change':
      return changeBack(step, inverse, itemId, writer);
    case 'remove':
      await removeMade(inverse, writer);
      return undefined;
    case 'fields':
      await writer.graph.call({
        method: 'PATCH',
        path: `${itemPath(writer, itemId)}/listItem/fields`,
        body: inverse.values,
      });
      return writer.read(itemId);
    case 'unshare':
      await unshare(inverse, itemId, writer);
      return writer.read(itemId);
  }
}

async function changeBack(
  step: Step,
  { name, parentId }: Extract<Inverse, { kind: 'change' }>,
  itemId: string,
  writer: ItemWriter,
): Promise<ItemFacts> {
  const item = await writer.read(itemId);
  if (!item) throw new AppError('conflict', 'The file is gone: look into the recycle bin.');
  const isBack = (name ?? item.name) === item.name && (parentId ?? item.parentId) === item.parentId;
  if (isBack) return item;
  if (step.after && (step.after.name !== item.name || step.after.parentId !== item.parentId)) {
    throw new AppError(
      'conflict',
      `Somebody moved or renamed the file since: it is ${item.name} in ${item.folder}.`,
    );
  }
  // A file that has the old name by now is not touched.
  return writer.change(item, { name, parentId }, 'fail');
}

async function removeMade({ itemId, eTag }: Extract<Inverse, { kind: 'remove' }>, writer: ItemWriter) {
  try {
    await writer.remove(itemId, eTag);
  } catch (error) {
    if (!isAppError(error, 'precondition_failed')) throw error;
    throw new AppError('conflict', 'The file that was made has been changed since, so it stays.', {
      cause: error,
    });
  }
}

async function unshare(
  { permissionId }: Extract<Inverse, { kind: 'unshare' }>,
  itemId: string,
  writer: ItemWriter,
) {
  try {
    const path = `${itemPath(writer, itemId)}/permissions/${encodeURIComponent(permissionId)}`;
    await writer.graph.call({ method: 'DELETE', path });
  } catch (error) {
    if (!isAppError(error, 'not_found')) throw error;
  }
}
