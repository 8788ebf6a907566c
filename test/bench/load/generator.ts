import http from 'node:http';
import { z } from 'zod';

// A process of its own that asks one server over kept-alive connections and prints one JSON line of what it measured.

const plan = z.object({
  url: z.url(),
  method: z.enum(['GET', 'POST']),
  /** Sent in turn, one after the other. */
  requests: z.array(z.object({ headers: z.record(z.string(), z.string()), body: z.string() })).min(1),
  connections: z.number().int().min(1).max(2000),
  /** Ends after this many requests, or this many seconds, whichever is first. */
  most: z.number().int().min(1),
  seconds: z.number().positive().max(120),
});
export type LoadPlan = z.input<typeof plan>;

export interface LoadResult {
  readonly requests: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
  /** Answers other than 2xx, and requests without an answer, by what they were. */
  readonly failures: Readonly<Record<string, number>>;
}

async function run({ url, method, requests, connections, most, seconds }: z.output<typeof plan>) {
  const agent = new http.Agent({ keepAlive: true, maxSockets: connections });
  const times = new Float64Array(most);
  const failures: Record<string, number> = {};
  const target = new URL(url);
  const startedAt = performance.now();
  const endAt = startedAt + seconds * 1000;
  let begun = 0;
  let done = 0;

  const one = (index: number) =>
    new Promise<void>((resolve) => {
      const { headers, body } = requests[index % requests.length] ?? { headers: {}, body: '' };
      const at = performance.now();
      const fail = (what: string) => {
        failures[what] = (failures[what] ?? 0) + 1;
      };
      const request = http.request(target, { method, agent, headers }, (response) => {
        response.resume();
        response.on('end', () => {
          times[done] = performance.now() - at;
          done += 1;
          const { statusCode = 0 } = response;
          if (statusCode < 200 || statusCode > 299) fail(String(statusCode));
          resolve();
        });
      });
      request.on('error', (error: NodeJS.ErrnoException) => {
        fail(error.code ?? error.message);
        resolve();
      });
      request.end(body);
    });

  await Promise.all(
    Array.from({ length: connections }, async () => {
      while (begun < most && performance.now() < endAt) {
        begun += 1;
        await one(begun - 1);
      }
    }),
  );
  const passed = (performance.now() - startedAt) / 1000;
  agent.destroy();
  const sorted = times.subarray(0, done).sort();
  const at = (share: number) => sorted[Math.min(done - 1, Math.floor(done * share))] ?? 0;
  const result: LoadResult = {
    requests: done,
    seconds: passed,
    perSecond: done / passed,
    p50: at(0.5),
    p99: at(0.99),
    failures,
  };
  return result;
}

const chunks: Buffer[] = [];
for await (const chunk of process.stdin) chunks.push(chunk);
console.log(JSON.stringify(await run(plan.parse(JSON.parse(Buffer.concat(chunks).toString())))));
process.exit();
