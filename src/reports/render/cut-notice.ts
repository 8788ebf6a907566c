/** What a file says when it holds not all rows; undefined when it does. */
export function cutNotice(shown: number, all: number, reason: string): string | undefined {
  if (shown >= all) return undefined;
  const number = (count: number) => count.toLocaleString('en-US');
  return `${number(shown)} of ${number(all)} rows are here: ${reason}. The other ${number(all - shown)} are in the CSV, JSON lines and Parquet files of this report.`;
}
