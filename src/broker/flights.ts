/** Equal work that is under way is joined, not done twice. */
export interface Flights {
  /** The result of the work under this key: of what already runs, or of `start`. */
  join<T>(key: string, start: () => Promise<T>): Promise<T>;
}

/** In this process only; between instances a lease does the same. */
export function createFlights(): Flights {
  const underWay = new Map<string, Promise<unknown>>();
  return {
    join<T>(key: string, start: () => Promise<T>): Promise<T> {
      const running = underWay.get(key);
      // One key stands for one kind of work, so for one type of result.
      if (running) return running as Promise<T>;
      const flight = start().finally(() => underWay.delete(key));
      underWay.set(key, flight);
      return flight;
    },
  };
}
