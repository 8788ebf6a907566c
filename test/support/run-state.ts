import type { Azurite } from '../../src/local/launcher/azurite.ts';

export interface RunState {
  readonly azurite: Azurite;
  readonly folder: string;
}

const key = Symbol.for('graph-valet.jest-run');

/** What global-setup leaves for global-teardown; jest loads the two apart, so only the process itself can carry it. */
export function runState() {
  const holder: { [key]?: RunState } = process as object;
  return {
    get: () => holder[key],
    set: (state: RunState) => {
      holder[key] = state;
    },
  };
}
