import { app } from '@azure/functions';
import { runningApp } from './running-app.ts';

// One message is one work unit; what is left to do is another message.

app.storageQueue('run', {
  queueName: 'runs',
  connection: 'DataStorage',
  handler: async (message) => (await runningApp()).jobs.work(message),
});

app.storageQueue('delivery', {
  queueName: 'deliveries',
  connection: 'DataStorage',
  handler: async (message) => (await runningApp()).jobs.deliver(message),
});

app.storageQueue('drain', {
  queueName: 'drains',
  connection: 'DataStorage',
  handler: async (message) => (await runningApp()).rules.drain(message),
});

app.storageQueue('operation', {
  queueName: 'operations',
  connection: 'DataStorage',
  handler: async (message) => (await runningApp()).rules.operate(message),
});

app.storageQueue('consent-check', {
  queueName: 'consents',
  connection: 'DataStorage',
  handler: async (message) => (await runningApp()).proveConsent(message),
});
