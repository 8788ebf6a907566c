import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';

const source = path.resolve(import.meta.dirname, '../../../src');
const files = globSync('**/*.{ts,tsx}', { cwd: source }).filter(
  (file) => !file.startsWith('local') && !file.startsWith('cli'),
);

/** Files whose text matches, outside `src/graph`. */
function outside(pattern: RegExp): string[] {
  return files
    .filter(
      (file) => !file.startsWith('graph') && pattern.test(readFileSync(path.join(source, file), 'utf8')),
    )
    .sort();
}

describe('the gate', () => {
  it('is in front of every call: nobody else knows how to send one, and one place makes the clients', () => {
    expect(files.length).toBeGreaterThan(300);
    expect(
      outside(/from '[./]*graph\/(transport|gate|forward|address)\.ts'/).filter((file) => !isType(file)),
    ).toEqual([]);
    expect(outside(/\bcreateGraph\(/)).toEqual(['app.ts']);
  });

  it('is not passed by anybody who fetches by himself from the address of Graph', () => {
    // These shape links of answers; the settings name the address.
    const known = [
      'api/api.ts',
      'api/graph-proxy/answer.ts',
      'api/graph-proxy/serve-call.ts',
      'app.ts',
      'config.ts',
    ];
    expect(outside(/\bgraphUrl\b/).filter((file) => !known.includes(file))).toEqual([]);
    for (const file of known.filter((one) => one.startsWith('api'))) {
      expect(readFileSync(path.join(source, file), 'utf8')).not.toMatch(/\bfetch\(/);
    }
  });
});

/** Only the shapes are used there. */
function isType(file: string): boolean {
  const text = readFileSync(path.join(source, file), 'utf8');
  return [
    ...text.matchAll(/^import (type )?.*from '[./]*graph\/(transport|gate|forward|address)\.ts'/gm),
  ].every(([, type]) => type !== undefined);
}
