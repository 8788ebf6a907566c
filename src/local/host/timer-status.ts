import type { BlobServiceClient } from '@azure/storage-blob';
import { z } from 'zod';
import { hostsContainer } from './blob-lock.ts';
import { statusOf } from './storage-error.ts';

/** When a timer ran and will run; the spelling is that of the real host's blob. */
export interface TimerStatus {
  readonly Last: string;
  readonly Next: string;
  readonly LastUpdated: string;
}

/** .NET's `default(DateTime)`: it has never run. */
export const never = '0001-01-01T00:00:00';

const schema = z.object({ Last: z.string(), Next: z.string(), LastUpdated: z.string() });

export interface TimerStatusStore {
  /** Undefined when none has been stored, or what is stored cannot be read. */
  read(): Promise<TimerStatus | undefined>;
  write(status: TimerStatus): Promise<void>;
}

/** The blob `timers/{host id}/Host.Functions.{name}/status`, as in the real host. */
export function createTimerStatusStore(
  blobs: () => Promise<BlobServiceClient>,
  hostId: string,
  functionName: string,
): TimerStatusStore {
  const blob = async () =>
    (await blobs())
      .getContainerClient(hostsContainer)
      .getBlockBlobClient(`timers/${hostId}/Host.Functions.${functionName}/status`);

  return {
    async read() {
      try {
        const text = (await (await blob()).downloadToBuffer()).toString();
        return schema.safeParse(JSON.parse(text)).data;
      } catch (error) {
        if (statusOf(error) === 404 || error instanceof SyntaxError) return undefined;
        throw error;
      }
    },
    async write(status) {
      const text = JSON.stringify(status);
      await (await blob()).upload(text, Buffer.byteLength(text));
    },
  };
}
