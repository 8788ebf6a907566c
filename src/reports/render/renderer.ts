import type { ReportResult } from '../result.ts';

export const formats = ['csv', 'xlsx', 'html', 'jsonl', 'parquet'] as const;
export type Format = (typeof formats)[number];

/** What a renderer has to know beyond the report. */
export interface RenderMeta {
  /** Where files that are in the making are put; each rendering cleans up behind itself. */
  readonly tempDir: string;
  /** The job that asked for the report. */
  readonly job?: string;
  /** Address of the report's run in the console. */
  readonly url?: string;
}

export interface Renderer {
  readonly format: Format;
  readonly contentType: string;
  /** Without the dot. */
  readonly extension: string;
  /** How many rows it takes at most; what is beyond is cut, and the file says so. Undefined: all of them. */
  readonly rowLimit?: number;
  /** The file in pieces, in memory that does not grow with the rows. It does not close the report. */
  render(result: ReportResult, meta: RenderMeta): AsyncIterable<Uint8Array>;
}
