import { actionNamed } from '../actions/index.ts';
import { openEntry } from '../entry.ts';
import type { FileFacts, ItemFacts } from '../item-facts.ts';
import type { StoredRule } from '../rule.ts';
import { isWithin, segmentsOf } from '../text/folder.ts';
import { fold } from '../text/glob.ts';
import { splitName } from '../text/item-name.ts';
import { couldBecome } from '../text/template.ts';

/**
 * True when this app wrote it last, by itself. Where it acted for a person that person counts: scripts that got their token
 * from the broker carry the same application id.
 */
export function isOwnWrite(file: FileFacts, appId: string): boolean {
  return (
    file.modifiedByUser === undefined &&
    file.modifiedByApp !== undefined &&
    file.modifiedByApp.toLowerCase() === appId.toLowerCase()
  );
}

/**
 * True for a new file that a rule of this drive may have made: this app wrote it, and it lies where a rule puts copies or
 * PDFs. Two rules that copy into each other's folders would feed each other for ever.
 */
export function isOwnResult(item: ItemFacts, appId: string, rules: readonly StoredRule[]): boolean {
  if (item.modifiedByApp?.toLowerCase() !== appId.toLowerCase()) return false;
  return rules.some(({ definition }) =>
    definition.actions.some((entry) => {
      const [name, input] = openEntry(entry);
      const makes = actionNamed(name)?.makes;
      if (!makes || !hasExtension(item, makes.extension)) return false;
      const folder = makes.folder(input);
      if (folder === undefined) return isWithin(item.folder, definition.when.folder);
      const [wanted, given] = [segmentsOf(folder), segmentsOf(item.folder)];
      return wanted.length === given.length && wanted.every((part, at) => couldBecome(part, given[at] ?? ''));
    }),
  );
}

function hasExtension({ name }: ItemFacts, extension: string | undefined): boolean {
  return extension === undefined || fold(splitName(name).extension) === extension;
}
