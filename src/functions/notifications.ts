import { app, type HttpHandler, output } from '@azure/functions';
import { createNotificationReceiver } from '../api/gather-taps.ts';

// Microsoft calls here: echo or enqueue, and nothing else. The app itself is not needed for that.

const drains = output.storageQueue({ queueName: 'drains', connection: 'DataStorage' });

const receiveNotification = createNotificationReceiver();

const receive: HttpHandler = async (request, context) => {
  const { response, messages } = await receiveNotification(request);
  if (messages.length > 0) context.extraOutputs.set(drains, messages);
  return response;
};

app.http('notifications', {
  route: 'notifications',
  methods: ['POST'],
  authLevel: 'anonymous',
  extraOutputs: [drains],
  handler: receive,
});

app.http('notifications-lifecycle', {
  route: 'notifications/lifecycle',
  methods: ['POST'],
  authLevel: 'anonymous',
  extraOutputs: [drains],
  handler: receive,
});
