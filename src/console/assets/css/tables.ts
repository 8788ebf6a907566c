/** Tables, which become lists of labelled values on a narrow screen. */
export const tables = `
table { width: 100%; border-collapse: collapse; font-variant-numeric: tabular-nums; }
caption {
  position: absolute;
  width: 1px;
  height: 1px;
  overflow: hidden;
  clip-path: inset(50%);
  white-space: nowrap;
}
th, td { padding: 0.6rem 1.25rem 0.6rem 0; text-align: left; vertical-align: top; }
th:first-child, td:first-child { padding-left: 1.25rem; }
thead th { color: var(--muted); font-size: 0.8125rem; font-weight: 550; padding-block: 0.55rem; white-space: nowrap; }
tbody th { font-weight: 400; }
tbody tr { border-top: 1px solid var(--line); }
tbody:first-child tr:first-child { border-top: 0; }
td .why { color: var(--muted); font-size: 0.875rem; max-width: 44ch; }
td .sub, th .sub { display: block; color: var(--muted); font-size: 0.8125rem; }
.table-wrap { position: relative; }
@media (max-width: 46rem) {
  thead { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
  table, tbody, tr, th, td { display: block; }
  tbody tr { padding: 0.6rem 0; }
  tbody th, tbody td, th:first-child, td:first-child { padding: 0.2rem 1rem; }
  tbody td[data-label] { display: grid; grid-template-columns: 6.5rem minmax(0, 1fr); gap: 0.75rem; }
  tbody td[data-label]::before { content: attr(data-label); color: var(--muted); font-size: 0.8125rem; padding-top: 0.1rem; }
  td.none { display: none; }
}
td button { white-space: nowrap; }
`;
