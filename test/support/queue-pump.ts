import { QueueServiceClient } from '@azure/storage-queue';

/** Takes the messages of a queue as the host does: a message is deleted when its work is done, and comes back when it threw. */
export function createQueuePump(connection: string, name: string, work: (message: unknown) => Promise<void>) {
  const queue = QueueServiceClient.fromConnectionString(connection).getQueueClient(name);

  /** Works on what is visible now; how many messages there were. */
  async function round(): Promise<number> {
    await queue.createIfNotExists();
    const { receivedMessageItems } = await queue.receiveMessages({
      numberOfMessages: 32,
      visibilityTimeout: 30,
    });
    for (const message of receivedMessageItems) {
      try {
        await work(JSON.parse(Buffer.from(message.messageText, 'base64').toString()));
      } catch {
        await queue.updateMessage(message.messageId, message.popReceipt, message.messageText, 0);
        continue;
      }
      await queue.deleteMessage(message.messageId, message.popReceipt);
    }
    return receivedMessageItems.length;
  }

  return {
    round,
    /** Loses every message that is visible now. */
    async lose(): Promise<void> {
      await queue.createIfNotExists();
      await queue.clearMessages();
    },
    /** Until `done`, or until `limit` rounds found nothing to do. */
    async until(done: () => Promise<boolean>, deadlineMs = 20_000): Promise<void> {
      const end = Date.now() + deadlineMs;
      while (!(await done())) {
        if (Date.now() > end) throw new Error('the queue never brought it about');
        await round();
      }
    },
  };
}
