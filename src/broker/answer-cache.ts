import type { IssuedToken } from './issued-token.ts';

export interface Answer {
  readonly token: Omit<IssuedToken, 'source'>;
  /** Of the connection when the token was obtained: another one ends the answer. */
  readonly epoch: number;
  /** From then on (ms) a newer token is fetched behind the answer. */
  readonly refreshAt: number;
  /** From then on (ms) it is no answer any more. */
  readonly usableUntil: number;
}

/** Tokens by what they answer, in memory. Bounded by count and by bytes; what was not asked for longest goes first. */
export interface AnswerCache {
  get(key: string): Answer | undefined;
  put(key: string, answer: Answer): void;
  drop(key: string): void;
  readonly size: number;
}

/** What an entry costs beside its token. */
const overheadBytes = 500;

export function createAnswerCache(limits = { entries: 20_000, bytes: 96 * 1024 * 1024 }): AnswerCache {
  const answers = new Map<string, Answer>();
  let bytes = 0;

  const costOf = (key: string, answer: Answer) =>
    key.length + answer.token.accessToken.length + overheadBytes;

  function drop(key: string) {
    const answer = answers.get(key);
    if (!answer) return;
    answers.delete(key);
    bytes -= costOf(key, answer);
  }

  return {
    get(key) {
      const answer = answers.get(key);
      if (!answer) return undefined;
      // A Map keeps the order of insertion: the first key is the one that was not used longest.
      answers.delete(key);
      answers.set(key, answer);
      return answer;
    },
    put(key, answer) {
      drop(key);
      answers.set(key, answer);
      bytes += costOf(key, answer);
      for (const oldest of answers.keys()) {
        if (answers.size <= limits.entries && bytes <= limits.bytes) break;
        drop(oldest);
      }
    },
    drop,
    get size() {
      return answers.size;
    },
  };
}
