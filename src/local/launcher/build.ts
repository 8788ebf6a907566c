import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '../../..');

export interface BuildResult {
  /** Absolute path of the bundle that registers every function. */
  readonly entry: string;
  readonly bytes: number;
  /** Source files inside the bundle, relative to the repository. */
  readonly inputs: readonly string[];
}

/**
 * Makes a deployable folder: one bundle, host.json and a package.json whose `main` names the bundle. Nothing of
 * src/local or test is inside, because nothing of it can be reached from src/functions.
 */
export async function buildApp(folder: string, options: { minify?: boolean } = {}): Promise<BuildResult> {
  const out = path.resolve(root, folder);
  await rm(out, { recursive: true, force: true });
  await mkdir(out, { recursive: true });
  const entry = path.join(out, 'app.mjs');
  const result = await build({
    absWorkingDir: root,
    entryPoints: ['src/functions/main.ts'],
    outfile: entry,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    minify: options.minify ?? false,
    sourcemap: 'linked',
    metafile: true,
    logLevel: 'warning',
    jsx: 'automatic',
    jsxImportSource: 'hono/jsx',
    // The Functions worker supplies this one; it is not a package.
    external: ['@azure/functions-core'],
    // The Azure packages are CommonJS inside and call require, which an ES module lacks.
    banner: {
      js: "import { createRequire as createRequireForBundle } from 'node:module'; const require = createRequireForBundle(import.meta.url);",
    },
  });
  await cp(path.join(root, 'host.json'), path.join(out, 'host.json'));
  await writeFile(path.join(out, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  const bundle = Object.entries(result.metafile.outputs).find(([name]) => name.endsWith('app.mjs'));
  return { entry, bytes: bundle?.[1].bytes ?? 0, inputs: Object.keys(result.metafile.inputs) };
}

const manifest = { name: 'graph-valet', private: true, type: 'module', main: 'app.mjs' };

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const started = Date.now();
  const built = await buildApp('dist', { minify: true });
  const size = (built.bytes / 1024 / 1024).toFixed(2);
  console.log(
    `dist/ is ready to deploy: app.mjs ${size} MiB from ${built.inputs.length} files in ${Date.now() - started} ms`,
  );
}
