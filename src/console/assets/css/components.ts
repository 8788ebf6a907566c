/** Cards, states, lists of facts, forms. */
export const components = `
.card {
  background: var(--surface);
  border: 1px solid var(--line);
  border-radius: var(--radius);
  box-shadow: var(--shadow);
  min-width: 0;
}
.card-body { padding: 1.1rem 1.25rem; display: grid; gap: 0.75rem; }
.card-body > * { min-width: 0; }
.card-head { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 0.4rem 1rem; }
.card-head .names { display: flex; flex-wrap: wrap; align-items: center; gap: 0.35rem 0.75rem; }
.card-foot { border-top: 1px solid var(--line); }

.badge {
  display: inline-flex;
  align-items: center;
  gap: 0.35rem;
  padding: 0.1rem 0.55rem 0.1rem 0.4rem;
  border-radius: 999px;
  font-size: 0.8125rem;
  font-weight: 600;
  line-height: 1.5;
  white-space: nowrap;
}
.badge svg { width: 0.875rem; height: 0.875rem; flex: none; }
.badge.good { color: var(--good); background: var(--good-ground); }
.badge.busy { color: var(--busy); background: var(--busy-ground); }
.badge.warn { color: var(--warn); background: var(--warn-ground); }
.badge.bad { color: var(--bad); background: var(--bad-ground); }
.badge.still { color: var(--still); background: var(--still-ground); }

.plain { list-style: none; padding: 0; display: grid; gap: 0.35rem; }
.plain .sub { display: block; font-size: 0.8125rem; color: var(--muted); }
.attention { list-style: none; padding: 0; }
.attention li {
  display: flex;
  flex-wrap: wrap;
  align-items: center;
  justify-content: space-between;
  gap: 0.6rem 1.5rem;
  padding: 0.9rem 1.25rem;
}
.attention li + li { border-top: 1px solid var(--line); }
.attention .what { flex: 1 1 24rem; min-width: 0; display: grid; gap: 0.1rem; }
.attention.card { border-left: 4px solid var(--warn); }
.attention p { color: var(--muted); }
.calm { display: flex; align-items: center; gap: 0.6rem; }

.notice { border: 1px solid var(--line); border-radius: var(--radius); padding: 0.9rem 1.1rem; background: var(--sunken); }
.notice.bad { color: var(--bad); background: var(--bad-ground); border-color: var(--bad); }
.notice.bad a { color: inherit; }
.notice.warn { color: var(--warn); background: var(--warn-ground); border-color: var(--warn); }
.notice.good { color: var(--good); background: var(--good-ground); border-color: var(--good); }

.facts { display: grid; grid-template-columns: minmax(8rem, max-content) minmax(0, 1fr); gap: 0.45rem 1.5rem; }
.facts dt { color: var(--muted); }
.facts dd { min-width: 0; }
.facts dd .sub { display: block; }
.facts.inline { display: flex; flex-wrap: wrap; gap: 0.5rem 2.25rem; }
.facts.inline > div { min-width: 0; }
.facts.inline dt { font-size: 0.8125rem; }

.points { list-style: none; padding: 0; display: grid; gap: 0.7rem; }
.points li { display: grid; grid-template-columns: 1.35rem minmax(0, 1fr); gap: 0.6rem; }
.points svg { width: 1.125rem; height: 1.125rem; margin-top: 0.2rem; }
.points .raw { display: block; color: var(--muted); font-family: var(--mono); font-size: 0.8125rem; }
.yes { color: var(--good); }
.no { color: var(--still); }

.scopes { display: flex; flex-wrap: wrap; gap: 0.3rem; list-style: none; padding: 0; }
.scopes code { display: inline-block; }

.command {
  display: block;
  margin: 0;
  padding: 0.75rem 0.9rem;
  background: var(--sunken);
  border: 1px solid var(--line);
  border-radius: var(--radius-small);
  white-space: pre-wrap;
  overflow-wrap: anywhere;
  user-select: all;
}
.empty { padding: 1.25rem; display: grid; gap: 0.75rem; border-style: dashed; box-shadow: none; }
.empty > * { min-width: 0; }

.form { display: grid; gap: 1.35rem; }
.field { display: grid; gap: 0.3rem; min-width: 0; }
.field .hint { color: var(--muted); font-size: 0.875rem; }
.field .problem { color: var(--bad); font-weight: 550; font-size: 0.875rem; }
.pair { display: grid; gap: 1.35rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); }
.choices { display: grid; gap: 0.15rem; margin-top: 0.35rem; }
.choice { display: flex; align-items: flex-start; gap: 0.65rem; padding: 0.3rem 0; font-weight: 400; cursor: pointer; }
.choice .raw { display: block; color: var(--muted); font-family: var(--mono); font-size: 0.8125rem; }
.choices.row { display: flex; flex-wrap: wrap; gap: 0.15rem 1.5rem; }
.optional { color: var(--muted); font-weight: 400; }

.door .card-body { padding: 1.5rem; gap: 1.1rem; }
.door .stack.loose > h1 + .lead { margin-top: -0.75rem; }
.url { font-family: var(--mono); font-size: 0.875rem; user-select: all; }
@media (max-width: 46rem) {
  .card-body, .attention li { padding-inline: 1rem; }
  .door .card-body { padding: 1.1rem 1rem; }
  .facts:not(.inline) { grid-template-columns: minmax(0, 1fr); gap: 0; }
  .facts:not(.inline) dd + dt { margin-top: 0.6rem; }
  .door .button.large { width: 100%; }
}
`;
