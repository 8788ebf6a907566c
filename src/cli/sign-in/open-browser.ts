import { spawn } from 'node:child_process';

/** Opens an address in the person's browser, without waiting. False when there is no program for it. */
export function openBrowser(address: string, chosen: string | undefined): Promise<boolean> {
  const [program, args] = opener(address, chosen);
  return new Promise((resolve) => {
    const child = spawn(program, args, { stdio: 'ignore', detached: true });
    child.once('error', () => resolve(false));
    child.once('spawn', () => {
      child.unref();
      resolve(true);
    });
  });
}

function opener(address: string, chosen: string | undefined): [string, string[]] {
  if (chosen) return [chosen, [address]];
  if (process.platform === 'darwin') return ['open', [address]];
  // `start` of cmd.exe would read an & in the address as its own.
  if (process.platform === 'win32') return ['rundll32', ['url.dll,FileProtocolHandler', address]];
  return ['xdg-open', [address]];
}
