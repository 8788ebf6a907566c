import { must, type World } from '../world.ts';

interface Run {
  readonly id: string;
  readonly state: string;
  readonly progress: { readonly items: number; readonly calls: number };
  readonly error?: { readonly code: string; readonly message: string };
  readonly files: readonly { readonly name: string }[];
}

/** The scheduled job runs: it reads the library by delta and puts a CSV file into its Reports folder. */
export async function report(world: World): Promise<string> {
  const { admin, seeded, stack } = world;
  const started = await admin.api<{ id: string }>('POST', `/api/jobs/${seeded.job}/runs`);
  const run = await world.until('the run to end', async () => {
    const now = await admin.api<Run>('GET', `/api/runs/${started.id}`);
    return ['succeeded', 'failed', 'cancelled'].includes(now.state) ? now : undefined;
  });
  must(run.state === 'succeeded', `the run ended as ${run.state}: ${run.error?.code} ${run.error?.message}`);
  const file = run.files[0];
  must(file, 'the run names no file');

  const token = await world.token({ audience: seeded.connection });
  const path = `/drives/${stack.tenant.siteDriveId}/root:/Reports/${encodeURIComponent(file.name)}:/content`;
  const response = await world.graph(token.access_token, path);
  must(response.ok, `the delivered file is not in the library (${response.status})`);
  const lines = (await response.text()).trim().split(/\r?\n/);
  must(lines.length > 10 && run.progress.items >= lines.length - 1, 'the CSV does not hold what was read');
  const { items, calls } = run.progress;
  return `${items} items read with ${calls} calls of Graph; ${file.name} delivered with ${lines.length - 1} rows`;
}
