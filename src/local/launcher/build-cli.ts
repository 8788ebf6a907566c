import { chmod, rm } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '../../..');

/** Makes the command line one file, for machines without this repository. It is no part of what is deployed. */
export async function buildCli(folder: string): Promise<{ readonly file: string; readonly bytes: number }> {
  const out = path.resolve(root, folder);
  await rm(out, { recursive: true, force: true });
  const file = path.join(out, 'graph-valet.mjs');
  const result = await build({
    absWorkingDir: root,
    entryPoints: ['src/cli/graph-valet.mjs'],
    outfile: file,
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    minify: true,
    metafile: true,
    logLevel: 'warning',
  });
  await chmod(file, 0o755);
  return { file, bytes: Object.values(result.metafile.outputs)[0]?.bytes ?? 0 };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const { file, bytes } = await buildCli('dist-cli');
  console.log(
    `${path.relative(root, file)} (${Math.ceil(bytes / 1024)} KiB) runs by itself on Node 22.18 or newer`,
  );
}
