import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';
import { z } from 'zod';

const root = path.resolve(import.meta.dirname, '../../..');
const nativePackage = '@duckdb/node-api';

export interface BuildResult {
  /** Absolute path of the bundle that registers every function. */
  readonly entry: string;
  readonly bytes: number;
  /** Source files inside the bundle, relative to the repository. */
  readonly inputs: readonly string[];
}

export interface BuildOptions {
  readonly minify?: boolean;
  /** Puts the packages that can't be bundled beside the bundle; else they are found in the repository above it. */
  readonly standalone?: boolean;
}

/**
 * Makes a deployable folder: one bundle, host.json and a package.json whose `main` names the bundle. Nothing of
 * src/local or test is inside, because nothing of it can be reached from src/functions.
 */
export async function buildApp(folder: string, options: BuildOptions = {}): Promise<BuildResult> {
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
    // The Functions worker supplies the first, which is not a package; the second holds a native library.
    external: ['@azure/functions-core', nativePackage],
    // The Azure packages are CommonJS inside and call require, which an ES module lacks.
    banner: {
      js: "import { createRequire as createRequireForBundle } from 'node:module'; const require = createRequireForBundle(import.meta.url);",
    },
  });
  await cp(path.join(root, 'host.json'), path.join(out, 'host.json'));
  await writeFile(path.join(out, 'package.json'), `${JSON.stringify(await manifest(), null, 2)}\n`);
  if (options.standalone) await copyNativePackage(out);
  const bundle = Object.entries(result.metafile.outputs).find(([name]) => name.endsWith('app.mjs'));
  return { entry, bytes: bundle?.[1].bytes ?? 0, inputs: Object.keys(result.metafile.inputs) };
}

/** What can't be bundled is a dependency of the deployed folder. */
async function manifest(): Promise<Record<string, unknown>> {
  const { version, dependencies } = z
    .object({ version: z.string(), dependencies: z.record(z.string(), z.string()) })
    .parse(JSON.parse(await readFile(path.join(root, 'package.json'), 'utf8')));
  const duckdb = dependencies[nativePackage];
  return {
    name: 'graph-valet',
    version,
    private: true,
    type: 'module',
    main: 'app.mjs',
    dependencies: { [nativePackage]: duckdb },
  };
}

/** DuckDB with the library for this platform; a machine of another kind runs `npm install --omit=dev` in the folder. */
async function copyNativePackage(out: string): Promise<void> {
  const scope = path.join('node_modules', '@duckdb');
  await cp(path.join(root, scope), path.join(out, scope), { recursive: true, dereference: true });
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const started = Date.now();
  const built = await buildApp('dist', { minify: true, standalone: true });
  const size = (built.bytes / 1024 / 1024).toFixed(2);
  console.log(
    `dist/ is ready to deploy: app.mjs ${size} MiB from ${built.inputs.length} files in ${Date.now() - started} ms`,
  );
}
