import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import path from 'node:path';
import { buildApp } from './build.ts';

/** Builds the app and hands it to Azure Functions Core Tools, where they are installed. */
const onPath = (process.env.PATH ?? '')
  .split(path.delimiter)
  .flatMap((folder) => ['func', 'func.cmd', 'func.exe'].map((name) => path.join(folder, name)))
  .find(isExecutable);

if (!onPath) {
  console.error(
    'Azure Functions Core Tools ("func") are not on PATH.\n' +
      'Next step: install them (npm install -g azure-functions-core-tools@4), or run "npm start", which needs nothing else.',
  );
  process.exit(1);
}

await buildApp('dist');
const func = spawn(onPath, ['start', ...process.argv.slice(2)], {
  stdio: 'inherit',
  shell: onPath.endsWith('.cmd'),
});
func.on('exit', (code) => process.exit(code ?? 1));

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
