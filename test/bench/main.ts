import { parseArgs } from 'node:util';
import type { Bench, Figure } from './figure.ts';

const benches: Readonly<Record<string, () => Promise<{ bench: Bench }>>> = {
  tenant: () => import('./tenant.ts'),
  token: () => import('./token.ts'),
  crawl: () => import('./crawl.ts'),
  notify: () => import('./notify.ts'),
};

const help = `npm run bench -- [name ...] [options]

Measures on loopback, each case side by side with its peer in one run. Without a name: all of them.

  ${Object.keys(benches).join(', ')}

  --case NAME  only this case (may be given several times)
  --json       one line per figure: {"bench","case","ours","peer","ratio","unit"}
  --help       this text`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    case: { type: 'string', multiple: true, default: [] },
    json: { type: 'boolean', default: false },
    help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(help);
  process.exit(0);
}
const unknown = positionals.filter((name) => !(name in benches));
if (unknown.length > 0) {
  console.error(`There is no bench "${unknown[0]}". There are: ${Object.keys(benches).join(', ')}.`);
  process.exit(2);
}

// Elsewhere children start with what Node compiled the last time; a start in Azure has nothing of it.
process.env.NODE_DISABLE_COMPILE_CACHE = '1';

for (const [name, load] of Object.entries(benches)) {
  if (positionals.length > 0 && !positionals.includes(name)) continue;
  const { bench } = await load();
  if (!values.json) console.log(`\n${name}: ${bench.summary}`);
  await bench.run({
    only: new Set(values.case),
    report: (figure) => console.log(values.json ? JSON.stringify(figure) : inWords(figure)),
    say: (line) => {
      if (!values.json) console.log(`  ${line}`);
    },
  });
}
process.exit();

function inWords({ case: name, ours, peer, ratio, unit, note }: Figure): string {
  const against = peer === undefined ? '' : `  peer ${short(peer)}`;
  const relation = ratio === undefined ? '' : `  ratio ${ratio.toFixed(2)}`;
  return `  ${name.padEnd(22)} ${short(ours).padStart(10)} ${unit}${against}${relation}${note ? `  (${note})` : ''}`;
}

function short(value: number): string {
  return value >= 100 ? Math.round(value).toLocaleString('en') : value.toFixed(2);
}
