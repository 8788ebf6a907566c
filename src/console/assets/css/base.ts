/** Elements as they are without a class. */
export const base = `
*, *::before, *::after { box-sizing: border-box; }
html { scroll-padding-top: 5rem; -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }
body {
  margin: 0;
  min-height: 100vh;
  display: flex;
  flex-direction: column;
  background: var(--ground);
  color: var(--ink);
  font: 0.9375rem/1.55 var(--text);
  overflow-wrap: anywhere;
}
h1, h2, h3, p, ul, ol, dl, dd, figure, fieldset { margin: 0; padding: 0; }
h1 { font-size: 1.625rem; line-height: 1.25; font-weight: 650; letter-spacing: -0.015em; text-wrap: balance; }
h2 { font-size: 1.125rem; line-height: 1.35; font-weight: 620; letter-spacing: -0.005em; }
h3 { font-size: 1rem; line-height: 1.4; font-weight: 620; }
a { color: var(--accent); text-decoration-thickness: 1px; text-underline-offset: 0.18em; }
a:hover { color: var(--accent-strong); text-decoration-thickness: 2px; }
code, pre, .mono { font-family: var(--mono); font-size: 0.875em; }
code { background: var(--sunken); border: 1px solid var(--line); border-radius: 4px; padding: 0.05em 0.3em; }
strong { font-weight: 620; }
small, .small { font-size: 0.8125rem; }
time { white-space: nowrap; }
ul, ol { padding-left: 1.2em; }
fieldset { border: 0; min-width: 0; }
hr { border: 0; border-top: 1px solid var(--line); margin: 0; }
:focus-visible { outline: 2px solid var(--focus); outline-offset: 2px; border-radius: 3px; }
main:focus-visible { outline: 0; }
::selection { background: light-dark(#bfe3ec, #1e5a6a); }

button, .button {
  display: inline-flex;
  align-items: center;
  justify-content: center;
  gap: 0.5rem;
  min-height: 2.375rem;
  padding: 0.4rem 0.95rem;
  border: 1px solid transparent;
  border-radius: var(--radius-small);
  background: var(--accent);
  color: var(--on-accent);
  font: 600 0.9375rem/1.3 var(--text);
  text-decoration: none;
  text-align: center;
  cursor: pointer;
}
button:hover, .button:hover { background: var(--accent-strong); color: var(--on-accent); }
button.quiet, .button.quiet {
  background: var(--surface);
  color: var(--ink);
  border-color: var(--line-strong);
  font-weight: 550;
}
button.quiet:hover, .button.quiet:hover { background: var(--sunken); color: var(--ink); }
.button.large { min-height: 2.875rem; padding: 0.65rem 1.4rem; font-size: 1rem; }
button:focus-visible, .button:focus-visible { border-radius: var(--radius-small); }

input, textarea, select {
  width: 100%;
  min-height: 2.375rem;
  padding: 0.4rem 0.65rem;
  border: 1px solid var(--line-strong);
  border-radius: var(--radius-small);
  background: var(--surface);
  color: var(--ink);
  font: inherit;
}
input:focus-visible, textarea:focus-visible { outline-offset: 1px; border-radius: var(--radius-small); }
textarea { line-height: 1.5; resize: vertical; }
input[readonly], textarea[readonly] { background: var(--sunken); }
input[type="checkbox"], input[type="radio"] {
  width: 1.125rem;
  height: 1.125rem;
  min-height: 0;
  margin: 0.2rem 0 0;
  padding: 0;
  flex: none;
  accent-color: var(--accent);
}
input[aria-invalid="true"], textarea[aria-invalid="true"] { border-color: var(--bad); box-shadow: inset 0 0 0 1px var(--bad); }
label, summary { font-weight: 550; }
summary { cursor: pointer; }
details[open] > summary { margin-bottom: 0.5rem; }
legend { padding: 0; font-weight: 550; }
@media (forced-colors: active) {
  .badge, .card, .notice { border: 1px solid CanvasText; }
}
`;
