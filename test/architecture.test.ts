import { readdirSync, readFileSync, statSync } from 'node:fs';
import path from 'node:path';

/** The import rule: a file imports from its own folder or from a lower rank. Equal ranks do not know each other. */
const ranks: readonly (readonly string[])[] = [
  ['errors.ts', 'ports.ts', 'config.ts', 'log.ts'],
  ['storage', 'outbound'],
  ['graph'],
  ['inventory'],
  ['reports', 'rules', 'broker'],
  ['jobs'],
  ['api'],
  ['console'],
  ['app'],
  ['functions'],
];

const root = path.resolve(import.meta.dirname, '..');
const source = path.join(root, 'src');

describe('the structure of src', () => {
  const files = filesBelow(source);
  const imports = new Map(files.map((file) => [file, importsOf(file)]));

  it('has only the folders that the layout names', () => {
    const known = new Set([...ranks.flat(), 'app.ts', 'local', 'cli', 'README.md']);
    expect(readdirSync(source).filter((name) => !known.has(name))).toEqual([]);
  });

  it('imports one way, from higher ranks to lower ones', () => {
    const wrong: string[] = [];
    for (const [file, targets] of imports) {
      const from = areaOf(file);
      if (from === 'local' || from === 'cli') continue;
      for (const target of targets) {
        const to = areaOf(target);
        if (to === from || to === 'local' || to === 'cli') continue;
        if (rankOf(to) >= rankOf(from) && !(isRootFile(from) && isRootFile(to)))
          wrong.push(show(file, target));
      }
    }
    expect(wrong).toEqual([]);
  });

  it('keeps the offline world and the product apart', () => {
    const wrong: string[] = [];
    for (const [file, targets] of imports) {
      const local = areaOf(file) === 'local';
      for (const target of targets)
        if ((areaOf(target) === 'local') !== local) wrong.push(show(file, target));
    }
    expect(wrong).toEqual([]);
  });

  it('lets the local tenant share no code with anything else', () => {
    const tenant = path.join(source, 'local', 'tenant') + path.sep;
    const wrong: string[] = [];
    for (const [file, targets] of imports) {
      if (!file.startsWith(tenant)) continue;
      for (const target of targets) if (!target.startsWith(tenant)) wrong.push(show(file, target));
    }
    expect(wrong).toEqual([]);
  });

  it('lets the command line speak to the product over HTTP only', () => {
    const wrong: string[] = [];
    for (const [file, targets] of imports) {
      const cli = areaOf(file) === 'cli';
      for (const target of targets) if ((areaOf(target) === 'cli') !== cli) wrong.push(show(file, target));
    }
    expect(wrong).toEqual([]);
  });

  it('has no circle of imports between files', () => {
    expect(circles(imports)).toEqual([]);
  });

  it('reads the environment in config, in one file of the command line, and in the offline world', () => {
    const readers = files.filter(
      (file) => areaOf(file) !== 'local' && /\bprocess\.env\b/.test(readFileSync(file, 'utf8')),
    );
    expect(readers.map((file) => path.relative(root, file))).toEqual([
      'src/cli/environment.ts',
      'src/config.ts',
    ]);
  });

  it('has no file above 350 lines', () => {
    const long = [...files, ...filesBelow(path.join(root, 'test'))].filter(
      (file) => readFileSync(file, 'utf8').split('\n').length > 351,
    );
    expect(long.map((file) => path.relative(root, file))).toEqual([]);
  });
});

function filesBelow(folder: string): string[] {
  return readdirSync(folder)
    .map((name) => path.join(folder, name))
    .flatMap((file) =>
      statSync(file).isDirectory() ? filesBelow(file) : /\.tsx?$/.test(file) ? [file] : [],
    );
}

function importsOf(file: string): string[] {
  const text = readFileSync(file, 'utf8');
  const found = text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*'(\.{1,2}\/[^']+)'/g);
  return [...found].map((match) => path.resolve(path.dirname(file), match[1] ?? ''));
}

function areaOf(file: string): string {
  const first = path.relative(source, file).split(path.sep)[0] ?? '';
  return first === 'app.ts' ? 'app' : first;
}

function isRootFile(area: string): boolean {
  return area.endsWith('.ts');
}

function rankOf(area: string): number {
  const rank = ranks.findIndex((areas) => areas.includes(area));
  if (rank < 0) throw new Error(`${area} has no rank`);
  return rank;
}

function show(file: string, target: string): string {
  return `${path.relative(root, file)} -> ${path.relative(root, target)}`;
}

function circles(imports: ReadonlyMap<string, readonly string[]>): string[] {
  const state = new Map<string, 'open' | 'done'>();
  const found: string[] = [];
  const visit = (file: string, trail: readonly string[]) => {
    if (state.get(file) === 'done') return;
    if (state.get(file) === 'open') {
      found.push(
        [...trail.slice(trail.indexOf(file)), file].map((step) => path.relative(root, step)).join(' -> '),
      );
      return;
    }
    state.set(file, 'open');
    for (const target of imports.get(file) ?? []) visit(target, [...trail, file]);
    state.set(file, 'done');
  };
  for (const file of imports.keys()) visit(file, []);
  return found;
}
