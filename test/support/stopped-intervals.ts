import { jest } from '@jest/globals';

/** Intervals that pass only when the test says so; everything else keeps its time. */
export async function withStoppedIntervals(
  work: (pass: (ms: number) => void) => Promise<void>,
): Promise<void> {
  jest.useFakeTimers({
    doNotFake: [
      'Date',
      'hrtime',
      'nextTick',
      'performance',
      'queueMicrotask',
      'setImmediate',
      'clearImmediate',
      'setTimeout',
      'clearTimeout',
    ],
  });
  try {
    await work((ms) => void jest.advanceTimersByTime(ms));
  } finally {
    jest.useRealTimers();
  }
}
