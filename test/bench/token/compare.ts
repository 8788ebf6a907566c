import type { LoadResult } from '../load/generator.ts';
import { measure } from '../load/measure.ts';
import type { LoadRequest } from './stage.ts';

export interface Contender {
  readonly url: string;
  readonly requests: readonly LoadRequest[];
}

const connections = 64;
const seconds = 4;
const rounds = 3;

/**
 * Each contender in turn, several rounds of a few seconds, after three seconds of warming up; of each the round with the median of
 * requests a second. Turns rather than one after the other, so that a noisy moment of the machine meets both.
 */
export async function compare(first: Contender, second: Contender): Promise<[LoadResult, LoadResult]> {
  const results: [LoadResult[], LoadResult[]] = [[], []];
  for (const contender of [first, second]) await load(contender, 3);
  for (let round = 0; round < rounds; round += 1) {
    results[0].push(await load(first, seconds));
    results[1].push(await load(second, seconds));
  }
  return [median(results[0]), median(results[1])];
}

export function load({ url, requests }: Contender, forSeconds: number, most = 400_000): Promise<LoadResult> {
  return measure({ url, method: 'POST', requests: [...requests], connections, most, seconds: forSeconds });
}

function median(results: readonly LoadResult[]): LoadResult {
  const [result] = results
    .toSorted((a, b) => a.perSecond - b.perSecond)
    .slice(Math.floor(results.length / 2));
  if (!result) throw new Error('nothing was measured');
  return result;
}
