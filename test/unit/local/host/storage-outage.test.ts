import { randomBytes } from 'node:crypto';
import { QueueServiceClient } from '@azure/storage-queue';
import { type Azurite, startAzurite } from '../../../../src/local/launcher/azurite.ts';
import { findPorts } from '../../../../src/local/launcher/ports.ts';
import { startTestHost } from '../../../support/local-host.ts';
import { waitFor } from '../../../support/wait-for.ts';

describe('a local host whose storage is down for a while', () => {
  it('stays up, says so, and goes on when storage is back', async () => {
    const accounts = [{ name: 'outage', key: randomBytes(18).toString('base64') }];
    const [blob = 0, queue = 0, table = 0] = await findPorts(3);
    const startStorage = () => startAzurite({ accounts, ports: { blob, queue, table } });
    let azurite: Azurite = await startStorage();
    const storage = azurite.connectionString('outage');
    await azurite.stop();

    const host = await startTestHost({
      app: 'queues',
      env: { AzureWebJobsStorage: storage, OtherStorage: storage, SLOW_QUEUE: 'slow' },
    });
    const send = (text: string) =>
      QueueServiceClient.fromConnectionString(storage)
        .getQueueClient('good')
        .sendMessage(Buffer.from(text).toString('base64'));
    const seen = async (text: string) => JSON.stringify(await host.json('/seen')).includes(text);
    const says = (text: string) => waitFor(() => host.lines.some((line) => line.includes(text)));

    await says('the queue good cannot be reached, trying again');
    azurite = await startStorage();
    await waitFor(() => send('after the first outage'));
    await waitFor(() => seen('after the first outage'));
    await says('the queue good can be reached again');

    await azurite.stop();
    await waitFor(() => host.lines.filter((line) => line.includes('good cannot be reached')).length === 2);
    expect(await seen('after the first outage')).toBe(true);
    // It kept its data in memory: the queues are gone too.
    azurite = await startStorage();
    await waitFor(() => send('after the second outage'));
    await waitFor(() => seen('after the second outage'));
    await host.child.stop();
    await azurite.stop();
  });
});
