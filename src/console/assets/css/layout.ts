/** The frame around every page and the two kinds of page. */
export const layout = `
.skip {
  position: absolute;
  left: 0.75rem;
  top: -4rem;
  z-index: 2;
  padding: 0.5rem 0.9rem;
  background: var(--surface);
  border: 1px solid var(--line-strong);
  border-radius: var(--radius-small);
}
.skip:focus { top: 0.75rem; }
.top { background: var(--surface); border-bottom: 1px solid var(--line); }
.top-inner, .bottom-inner { max-width: 72rem; margin: 0 auto; padding: 0 1.25rem; }
.top-inner { display: flex; align-items: center; flex-wrap: wrap; gap: 0.5rem 1.5rem; padding-block: 0.7rem; }
.brand {
  display: inline-flex;
  align-items: center;
  gap: 0.6rem;
  min-height: 2rem;
  color: var(--ink);
  font-weight: 650;
  letter-spacing: -0.01em;
  text-decoration: none;
  white-space: nowrap;
}
.brand:hover { color: var(--ink); }
.brand img { display: block; }
.top nav { display: flex; flex-wrap: wrap; gap: 0.15rem; margin-left: 0.25rem; }
.top nav a {
  display: inline-flex;
  align-items: center;
  min-height: 2rem;
  padding: 0 0.65rem;
  border-radius: var(--radius-small);
  color: var(--muted);
  font-weight: 550;
  text-decoration: none;
}
.top nav a:hover { background: var(--sunken); color: var(--ink); }
.user { margin-left: auto; display: flex; align-items: center; gap: 0.9rem; min-width: 0; }
.user-name { display: flex; flex-direction: column; line-height: 1.25; text-align: right; min-width: 0; }
.user-name span { color: var(--muted); font-size: 0.8125rem; }
.user button { white-space: nowrap; min-height: 2rem; padding-block: 0.25rem; }

main { flex: 1; width: 100%; margin: 0 auto; padding: 2rem 1.25rem 3.5rem; }
main.console { max-width: 72rem; }
main.door { max-width: 44rem; padding-top: 3rem; }
.bottom { border-top: 1px solid var(--line); color: var(--muted); font-size: 0.8125rem; }
.bottom-inner { display: flex; flex-wrap: wrap; gap: 0.35rem 1.5rem; padding-block: 1rem 1.5rem; }

.page-head { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0.35rem 1.5rem; }
.page-head p { color: var(--muted); }
.section { margin-top: 2.5rem; }
.section-head { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0.25rem 1.5rem; margin-bottom: 0.9rem; }
.section-head p { color: var(--muted); }
.stack { display: grid; gap: 1rem; }
.stack > * { min-width: 0; }
.stack.loose { gap: 1.5rem; }
.stack.tight { gap: 0.4rem; }
.lead { font-size: 1.0625rem; color: var(--muted); text-wrap: pretty; }
.muted { color: var(--muted); }
.actions { display: flex; flex-wrap: wrap; align-items: center; gap: 0.75rem 1rem; }

@media (max-width: 46rem) {
  .top-inner { padding-inline: 1rem; gap: 0.4rem 1rem; }
  .top nav { order: 3; width: 100%; margin: 0 -0.65rem; }
  .user { width: 100%; justify-content: space-between; order: 2; }
  .user-name { text-align: left; }
  main { padding: 1.5rem 1rem 2.5rem; }
  main.door { padding-top: 1.75rem; }
  .bottom-inner { padding-inline: 1rem; }
  h1 { font-size: 1.4375rem; }
  .section { margin-top: 2rem; }
}
`;
