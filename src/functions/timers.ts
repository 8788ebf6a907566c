import { app } from '@azure/functions';
import { runningApp } from './running-app.ts';

app.timer('schedule', {
  schedule: '0 * * * * *',
  handler: async () => (await runningApp()).jobs.tick(),
});

app.timer('subscriptions', {
  schedule: '30 */15 * * * *',
  handler: async () => (await runningApp()).rules.ensureSubscriptions(),
});

app.timer('sweep', {
  schedule: '0 17 * * * *',
  handler: async () => (await runningApp()).sweep(),
});

app.timer('keep-alive', {
  schedule: '20 */10 * * * *',
  handler: async () => (await runningApp()).broker.keepAlive(),
});

app.timer('notices', {
  schedule: '40 * * * * *',
  handler: async () => (await runningApp()).notices.send(),
});

app.timer('key-rotation', {
  schedule: '50 * * * * *',
  handler: async () => (await runningApp()).keyRotation.advance(),
});

app.timer('credential', {
  schedule: '0 23 */6 * * *',
  handler: async () => (await runningApp()).notices.credential.check(),
});
