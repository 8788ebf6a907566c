/** One measured figure; `peer` is what it was run against in the same run, `ratio` is ours to peer's. */
export interface Figure {
  readonly bench: string;
  readonly case: string;
  readonly ours: number;
  readonly peer?: number | undefined;
  readonly ratio?: number | undefined;
  readonly unit: string;
  /** What the peer is, or what was done, in a few words. */
  readonly note?: string | undefined;
}

/** What each file beside this one exports as `run`. */
export interface Bench {
  readonly summary: string;
  run(options: BenchOptions): Promise<void>;
}

export interface BenchOptions {
  /** Takes each figure as soon as it is known. */
  readonly report: (figure: Figure) => void;
  /** A line on what is going on, for people. */
  readonly say: (line: string) => void;
  /** Only these cases, where any are named. */
  readonly only: ReadonlySet<string>;
}
