import type { ReportColumn } from '../../report.ts';
import { rowTitle } from './row-title.ts';

/** Colours keep 4.5:1 for text and 3:1 for what has a meaning, in both modes: areas (c) carry white letters, lines (l) stand on the card. Prints are light. */
const base = `
:root{color-scheme:light dark;--bg:#f4f6f8;--card:#fff;--ink:#17212d;--mute:#566270;--line:#dde3e9;--soft:#f7f9fb;--link:#0b57a4;--head:#16324f;--ok:#136c3a;--gone:#a32018;--was:#7a4a00;--warn:#fff4dc;--warnink:#5e3800;--warnline:#d9952b;
--c0:#2664ab;--c1:#0b7268;--c2:#a34717;--c3:#6a45b8;--c4:#a8275e;--c5:#4a6b12;--c6:#7b5a10;--c7:#52606f;
--l0:var(--c0);--l1:var(--c1);--l2:var(--c2);--l3:var(--c3);--l4:var(--c4);--l5:var(--c5);--l6:var(--c6);--l7:var(--c7)}
@media screen and (prefers-color-scheme:dark){:root{--bg:#0e131a;--card:#171e27;--ink:#e7ecf2;--mute:#a0adbb;--line:#2b3642;--soft:#1c2530;--link:#8cc2ff;--head:#0b1d30;--ok:#6fd397;--gone:#ff9f97;--was:#f0c26a;--warn:#33280f;--warnink:#ffdc9a;--warnline:#b97d1e;
--c0:#2f6fb9;--c1:#12786d;--c2:#b0521f;--c3:#7650c4;--c4:#b53069;--c5:#557a18;--c6:#876418;--c7:#5d6c7c;
--l0:#7db4f5;--l1:#4fc7b8;--l2:#f0935c;--l3:#b79bf2;--l4:#f283b0;--l5:#a3cc5c;--l6:#dcb45a;--l7:#a9b7c6}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;-webkit-text-size-adjust:100%}
main,.top>div,footer{max-width:1180px;margin:0 auto;padding:0 24px}
a{color:var(--link)}a:focus-visible,button:focus-visible,input:focus-visible,select:focus-visible,summary:focus-visible,.scroll:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.top{background:var(--head);color:#fff;padding:26px 0 84px}
.top .brand{display:flex;align-items:center;gap:8px;margin:0 0 16px;font-size:13px;color:#c4d5e6}
.brand svg{width:18px;height:18px;fill:none;stroke:#8cc2ff;stroke-width:2}
h1{margin:0;font-size:32px;line-height:1.2;letter-spacing:-.01em;font-weight:650;overflow-wrap:anywhere}
.top p{margin:6px 0 0;color:#d3e0ec;max-width:70ch}.top .made{font-size:13px;color:#b4c8db;margin-top:14px;max-width:none}.top a{color:#cfe4fb}
main{margin-top:-58px}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:22px 24px;margin:0 0 20px;box-shadow:0 1px 2px #0f1c2b0d}
h2{margin:0 0 4px;font-size:19px;line-height:1.3;letter-spacing:-.005em}
h3{margin:18px 0 6px;font-size:15px}
.hint{margin:0 0 14px;color:var(--mute);font-size:13.5px;max-width:80ch}
.say{margin:0 0 18px;font-size:17px;max-width:75ch}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(160px,1fr));gap:1px;background:var(--line);border:1px solid var(--line);border-radius:8px;overflow:hidden;margin:0}
.figures>div{background:var(--card);padding:12px 16px}
.figures dt{color:var(--mute);font-size:13px}
.figures dd{margin:0;font-size:25px;line-height:1.25;font-weight:600;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.figures dd+dd{font-size:12.5px;font-weight:400;color:var(--mute);line-height:1.5}
.cover{display:flex;gap:10px;margin:16px 0 0;font-size:14px;color:var(--mute)}
.cover b{color:var(--ink);font-weight:600}
.warn{background:var(--warn);color:var(--warnink);border:1px solid var(--warnline);border-radius:8px;padding:12px 16px;margin:16px 0 0;font-size:14px}
.warn summary{cursor:pointer;font-weight:600;display:list-item}.warn p{margin:0}.warn ul{margin:8px 0 0;padding-left:20px}.warn li{margin:2px 0;overflow-wrap:anywhere}
figure{margin:0}.two{display:grid;grid-template-columns:minmax(0,5fr) minmax(0,3fr);gap:24px;align-items:start}
svg.tree,svg.lines{display:block;width:100%;height:auto}
svg text{font:12px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif;fill:var(--ink)}
.tree rect{stroke:var(--card);stroke-width:.5}.tree g g text{fill:#fff}.tree .gn{font-size:13px;font-weight:600}.tree .am{fill:#fff;opacity:.92}
.lines .grid{stroke:var(--line);stroke-width:1}.lines .ax{fill:var(--mute);font-size:11px}.lines path{fill:none;stroke-width:2.25;stroke-linejoin:round}
${Array.from({ length: 8 }, (_, n) => `.g${n} rect,.key .k${n}{fill:var(--c${n})}.l${n} path{stroke:var(--l${n})}.l${n} circle,.l${n} text{fill:var(--l${n})}`).join('')}
.narrow{display:none}
table{border-collapse:collapse;width:100%;font-size:14px}
th{text-align:left;font-weight:600;vertical-align:bottom}th,td{padding:7px 12px 7px 0;border-bottom:1px solid var(--line);overflow-wrap:anywhere}
.small{font-size:13.5px}.small th{color:var(--mute);font-weight:500;font-size:12.5px}.small tfoot td,.small tfoot th{border-bottom:0;font-weight:600;color:var(--ink);font-size:13.5px}
.num{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}th.num{white-space:normal}
.key svg{width:11px;height:11px;margin-right:8px;vertical-align:-1px}
.bars td:first-child,.bars th:first-child{width:1%;min-width:110px;max-width:360px;padding-right:16px;white-space:nowrap;overflow-wrap:normal;overflow:hidden;text-overflow:ellipsis;font-weight:400;color:var(--ink);font-size:14px}
.bars td.num{width:1%;padding-left:14px;padding-right:0}.bars svg{display:block;width:100%;height:16px}.bars rect{fill:var(--c0)}.bars .zero{stroke:var(--mute)}.bars th,.bars td{border-bottom:0;padding-top:4px;padding-bottom:4px}
details{margin-top:14px}summary{cursor:pointer;color:var(--link);font-size:14px}.warn summary{color:inherit}
details[open]>summary{margin-bottom:8px}
.log td:first-child,.log th:first-child{width:110px;vertical-align:top}.kind{font-size:13px;font-weight:600}.added{color:var(--ok)}.removed{color:var(--gone)}.changed{color:var(--was)}
.diff{color:var(--mute);font-size:13.5px}
.tools{display:flex;flex-wrap:wrap;gap:12px;align-items:center;margin:0 0 12px}
.tools label{font-size:13.5px;color:var(--mute)}.tools input,.tools select{font:inherit;font-size:14px;color:var(--ink);background:var(--card);border:1px solid #7d8996;border-radius:6px;padding:6px 10px;min-height:36px}
.tools input{width:260px;max-width:100%}.tools output{font-size:13.5px;color:var(--mute)}
.tools .order{display:none}
button{font:inherit;color:inherit;cursor:pointer}
.more{display:block;margin:16px auto 0;background:var(--card);border:1px solid #7d8996;border-radius:6px;padding:8px 18px;color:var(--link);font-weight:600}
.scroll{overflow-x:auto;margin:0 -24px;padding:0 24px}.scroll.fits{overflow:visible}
.rows{font-size:13.5px}.rows th{position:sticky;top:0;background:var(--card);box-shadow:inset 0 -2px 0 var(--line);border-bottom:0;font-size:13px;z-index:1;white-space:nowrap}
.rows td{vertical-align:top;padding-right:18px}.rows th{padding-right:18px}.rows td:empty::before{content:"–";color:var(--mute)}
.rows tbody tr:hover{background:var(--soft)}
.rows th button{border:0;background:none;padding:2px 0;margin:0;font-weight:600;text-align:inherit;min-height:24px}
.rows th button::after{content:"↕";display:inline-block;width:1em;margin-left:5px;color:var(--mute);opacity:.55}
.rows th[aria-sort=ascending] button::after{content:"↑";opacity:1;color:var(--link)}.rows th[aria-sort=descending] button::after{content:"↓";opacity:1;color:var(--link)}
.none{padding:26px 0;text-align:center;color:var(--mute)}
.what{display:grid;grid-template-columns:fit-content(45%) 1fr;gap:6px 20px;margin:6px 0 0;font-size:14px}.what dt{font-weight:600;overflow-wrap:anywhere}.what dd{margin:0;color:var(--mute);overflow-wrap:anywhere}
footer{padding-top:6px;padding-bottom:40px;color:var(--mute);font-size:13px}
[hidden]{display:none!important}
@media screen and (max-width:700px){
main,.top>div,footer{padding:0 16px}.card{padding:18px 16px}.top{padding-top:20px}h1{font-size:26px}.say{font-size:16px}
.figures{grid-template-columns:1fr 1fr}.figures>div:last-child:nth-child(odd){grid-column:1/-1}.figures dd{font-size:21px}
.two{display:block}.two .small{margin-top:16px}.wide{display:none}.narrow{display:block}
.bars td:first-child,.bars th:first-child{max-width:130px;min-width:0}
.bars.long,.bars.long tbody{display:block}.bars.long tr{display:grid;grid-template-columns:minmax(0,1fr) auto;gap:0 12px;align-items:center;padding:4px 0}.bars.long th:first-child{grid-column:1/-1;width:auto;max-width:none;padding:0;white-space:normal;overflow-wrap:anywhere}.bars.long td,.bars.long td.num{width:auto;padding:2px 0}
.tools input{width:100%}.tools label.find{width:100%}.tools .order{display:block}
.scroll{overflow:visible;margin:0;padding:0}
.rows,.rows tbody{display:block}.rows thead{display:none}
.rows tr{display:flex;flex-direction:column;border-top:1px solid var(--line);padding:12px 0}.rows tbody tr:hover{background:none}
.rows td{display:grid;grid-template-columns:8.5em minmax(0,1fr);gap:10px;padding:2px 0;border:0;text-align:left!important;white-space:normal!important;min-width:0!important;max-width:none!important}
.rows td::before{color:var(--mute);font-size:13px;overflow-wrap:anywhere}.rows td:empty{display:none}
.what{grid-template-columns:1fr;gap:0}.what dd{margin-bottom:8px}.hidecol{display:none}}
@media print{body{background:#fff;font-size:11px}.top{background:none;color:#000;padding:0 0 70px}.top p,.top .made,.brand{color:#333}.card{border:0;box-shadow:none;padding:0;margin-bottom:18px}.tools,.more,.rows th button::after{display:none!important}.rows th{position:static}.rows{font-size:9.5px}tr,figure{break-inside:avoid}a{color:inherit;text-decoration:none}svg{print-color-adjust:exact;-webkit-print-color-adjust:exact}}
@media (forced-colors:active){.tree rect,.bars rect{stroke:CanvasText}}
`;

/** The sheet of a page whose table has these columns: numbers to the right, and on a phone each value beside its title, below the row's name. */
export function sheetFor(columns: readonly ReportColumn[], label: string | undefined): string {
  const named = Math.max(
    0,
    columns.findIndex(({ name }) => name === label),
  );
  const rules = columns.map((column, index) => {
    const cell = `.rows :is(td,th):nth-child(${index + 1})`;
    const title = `@media screen and (max-width:700px){.rows td:nth-child(${index + 1})::before{content:"${cssText(rowTitle(column))}"}}`;
    const hidden =
      label !== undefined && isIdentifier(column.name)
        ? `@media screen and (max-width:700px){.rows td:nth-child(${index + 1}){display:none!important}}`
        : '';
    return `${cell}{${lookOf(column)}}${title}${hidden}`;
  });
  return `${base}${rules.join('')}${nameOnPhone(`.rows td:nth-child(${named + 1})`)}`;
}

/** Stands above its row, without a title. */
function nameOnPhone(cell: string): string {
  return `@media screen and (max-width:700px){${cell}{display:block;order:-1;font-weight:600;font-size:14.5px;padding-bottom:4px}${cell}:empty{display:block}${cell}:not(:empty)::before{content:none!important}}`;
}

function lookOf({ type, name }: ReportColumn): string {
  if (type === 'integer' || type === 'decimal')
    return 'text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap';
  if (type === 'time') return 'white-space:nowrap;font-variant-numeric:tabular-nums';
  if (type === 'boolean' || type === 'link') return 'white-space:nowrap';
  if (isIdentifier(name)) return 'min-width:9em;max-width:14em';
  if (/path/.test(name)) return 'min-width:22em;max-width:40em';
  if (/name|title/.test(name)) return 'min-width:14em;max-width:40em';
  const least = name === 'drive' ? 11 : /problem|reason/.test(name) ? 18 : 7;
  return `overflow-wrap:break-word;min-width:${least}em;max-width:34em`;
}

/** Names of things for programs, which nobody reads on a phone. */
function isIdentifier(name: string): boolean {
  return /(^|_)(id|hash)$/.test(name);
}

/** Titles of a user's own query may hold anything: every sign that is not plain is written as its number. */
function cssText(text: string): string {
  return text.replace(/[^A-Za-z0-9 ]/gu, (sign) => `\\${(sign.codePointAt(0) ?? 0xfffd).toString(16)} `);
}
