export interface Pause {
  /** Resolves after so many milliseconds, or as soon as somebody calls `end`. */
  wait(milliseconds: number): Promise<void>;
  /** Ends the wait that is under way; without one, the next wait is over at once. */
  end(): void;
}

/** A wait that can be cut short, for one waiter. */
export function createPause(): Pause {
  let finish: (() => void) | undefined;
  let ended = false;
  return {
    wait(milliseconds) {
      if (ended) {
        ended = false;
        return Promise.resolve();
      }
      return new Promise((resolve) => {
        const timer = setTimeout(() => finish?.(), milliseconds);
        finish = () => {
          clearTimeout(timer);
          finish = undefined;
          resolve();
        };
      });
    },
    end() {
      if (finish) finish();
      else ended = true;
    },
  };
}
