/**
 * Colours and measures. Text on its ground is at least 4.5:1, marks, input borders and the focus ring at least 3:1, in
 * light and in dark.
 */
export const tokens = `
:root {
  color-scheme: light dark;
  --ground: light-dark(#f5f6f8, #12161c);
  --surface: light-dark(#ffffff, #1a2029);
  --sunken: light-dark(#f0f2f5, #141920);
  --line: light-dark(#dfe3e9, #2c3541);
  --line-strong: light-dark(#7f8998, #77849a);
  --ink: light-dark(#171c24, #e9edf3);
  --muted: light-dark(#535e6d, #a3afbf);
  --accent: light-dark(#0b5a6d, #86d0e2);
  --accent-strong: light-dark(#08475a, #a8e2f0);
  --on-accent: light-dark(#ffffff, #08222a);
  --focus: light-dark(#0b5a6d, #a8e2f0);
  --good: light-dark(#17663a, #7fd6a3);
  --good-ground: light-dark(#e5f4eb, #14301f);
  --busy: light-dark(#174fa8, #9cc3ff);
  --busy-ground: light-dark(#e6eefb, #15274a);
  --warn: light-dark(#804c00, #f2c073);
  --warn-ground: light-dark(#fdf1dd, #382808);
  --bad: light-dark(#a31b1f, #ffa69f);
  --bad-ground: light-dark(#fce9e8, #421a1a);
  --still: light-dark(#535e6d, #a3afbf);
  --still-ground: light-dark(#edeff3, #262e39);
  --radius: 10px;
  --radius-small: 6px;
  --shadow: 0 1px 2px light-dark(rgb(23 28 36 / 0.06), rgb(0 0 0 / 0.4));
  --text: system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Liberation Sans", sans-serif;
  --mono: ui-monospace, "Cascadia Code", "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace;
}
`;
