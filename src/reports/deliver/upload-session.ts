import { z } from 'zod';
import type { UploadSession } from '../../graph/upload.ts';
import type { Storage } from '../../storage/storage.ts';

const sessionRow = z.object({ uploadUrl: z.string(), savedAt: z.number() });

/** Upload sessions are given up by Graph after days at most. */
const keptForMs = 7 * 24 * 60 * 60_000;

/** Where running uploads are kept. Their addresses let anybody write, so they are encrypted, in table `flows`. */
export function createUploadSessions(
  storage: Pick<Storage, 'sealedTable'>,
  clock: () => number,
): (upload: string) => UploadSession {
  const table = storage.sealedTable({
    name: 'flows',
    schema: sessionRow,
    expiresAt: (row) => Math.ceil((row.savedAt + keptForMs) / 1000),
  });
  const partition = 'upload';

  return (upload) => ({
    load: async () => (await table.get(partition, upload))?.value.uploadUrl,
    save: async (uploadUrl) => {
      await table.upsert(partition, upload, { uploadUrl, savedAt: clock() });
    },
    clear: async () => {
      await table.remove(partition, upload);
    },
  });
}
