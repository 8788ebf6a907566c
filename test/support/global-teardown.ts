import { rm } from 'node:fs/promises';
import { runState } from './run-state.ts';

/** Stops the run's Azurite and removes its files. */
export default async function globalTeardown(): Promise<void> {
  const state = runState().get();
  if (!state) return;
  await state.azurite.stop();
  await rm(state.folder, { recursive: true, force: true });
}
