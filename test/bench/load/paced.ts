import http from 'node:http';
import { z } from 'zod';

// A process of its own that sends so many requests a second, whether or not the earlier ones were answered, and prints one
// JSON line. A request's time counts from when it was due, so that a server that stalls can't hide it.

const plan = z.object({
  url: z.url(),
  headers: z.record(z.string(), z.string()),
  /** Sent in turn. */
  bodies: z.array(z.string()).min(1),
  perSecond: z.number().positive().max(5_000),
  seconds: z.number().positive().max(120),
});
export type PacedPlan = z.input<typeof plan>;

export interface PacedResult {
  readonly requests: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly worst: number;
  /** Answers other than 2xx, and requests without an answer, by what they were. */
  readonly failures: Readonly<Record<string, number>>;
}

async function run({
  url,
  headers,
  bodies,
  perSecond,
  seconds,
}: z.output<typeof plan>): Promise<PacedResult> {
  const agent = new http.Agent({ keepAlive: true, maxSockets: 256 });
  const target = new URL(url);
  const total = Math.round(perSecond * seconds);
  const times: number[] = [];
  const failures: Record<string, number> = {};
  const startedAt = performance.now();

  const one = (dueAt: number, body: string) =>
    new Promise<void>((resolve) => {
      const end = (failure?: string) => {
        times.push(performance.now() - dueAt);
        if (failure !== undefined) failures[failure] = (failures[failure] ?? 0) + 1;
        resolve();
      };
      const request = http.request(target, { method: 'POST', agent, headers }, (response) => {
        response.resume();
        const { statusCode = 0 } = response;
        response.on('end', () => end(statusCode < 200 || statusCode > 299 ? String(statusCode) : undefined));
      });
      request.on('error', (error: NodeJS.ErrnoException) => end(error.code ?? error.message));
      request.end(body);
    });

  const running: Promise<void>[] = [];
  while (running.length < total) {
    const due = Math.min(total, Math.ceil(((performance.now() - startedAt) / 1000) * perSecond));
    for (let index = running.length; index < due; index += 1) {
      running.push(one(startedAt + (index / perSecond) * 1000, bodies[index % bodies.length] ?? ''));
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(running);
  const passed = (performance.now() - startedAt) / 1000;
  agent.destroy();
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
  return { requests: total, perSecond: total / passed, p50: at(0.5), p99: at(0.99), worst: at(1), failures };
}

const chunks: Buffer[] = [];
for await (const chunk of process.stdin) chunks.push(chunk);
console.log(JSON.stringify(await run(plan.parse(JSON.parse(Buffer.concat(chunks).toString())))));
process.exit();
