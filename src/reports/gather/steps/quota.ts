import { type GatherWork, isTime } from '../gather-unit.ts';

const atOnce = 8;

/** How full each drive is, which the plan told, is kept for forecasts. */
export const noteQuota: GatherWork = async (unit, begun) => {
  const { task, history, clock } = unit;
  let state = begun;
  while (state.done < task.drives.length) {
    const some = task.drives.slice(state.done, state.done + atOnce);
    await Promise.all(some.map(({ drive }) => history.note(task.tenantId, drive, clock())));
    state = { ...state, done: state.done + some.length };
    unit.reached(state);
    if (isTime(unit)) break;
  }
  return { state, over: state.done >= task.drives.length };
};
