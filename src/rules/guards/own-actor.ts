import type { FileFacts } from '../item-facts.ts';

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
