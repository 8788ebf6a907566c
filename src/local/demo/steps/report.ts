import { must, type World } from '../world.ts';

interface Run {
  readonly id: string;
  readonly state: string;
  readonly progress: { readonly items: number; readonly calls: number };
  readonly error?: { readonly code: string; readonly message: string };
  readonly deliveries: readonly { readonly arrived: readonly { readonly where: string }[] }[];
}

/** The scheduled job runs: it reads the library by delta and puts its report into the Reports folder. */
export async function report(world: World): Promise<string> {
  const { admin, seeded, stack } = world;
  const started = await admin.api<{ id: string }>('POST', `/api/jobs/${seeded.job}/runs`);
  const run = await world.until('the run to end', async () => {
    const now = await admin.api<Run>('GET', `/api/runs/${started.id}`);
    return ['succeeded', 'failed', 'cancelled'].includes(now.state) ? now : undefined;
  });
  must(run.state === 'succeeded', `the run ended as ${run.state}: ${run.error?.code} ${run.error?.message}`);
  const arrived = run.deliveries.flatMap((each) => each.arrived.map(({ where }) => where));
  const file = arrived.find((where) => where.endsWith('.csv'));
  must(file, 'the run delivered no CSV');

  const token = await world.token({ audience: seeded.connection });
  const path = `/drives/${stack.tenant.siteDriveId}/root:${encodeURI(file)}:/content`;
  const response = await world.graph(token.access_token, path);
  must(response.ok, `the delivered file is not in the library (${response.status})`);
  const lines = (await response.text()).trim().split(/\r?\n/);
  must(lines.length > 10 && run.progress.items >= lines.length - 1, 'the CSV does not hold what was read');
  const { items, calls } = run.progress;
  return `${items} items read with ${calls} calls of Graph; ${file} delivered with ${lines.length - 1} rows`;
}
