import { readFileSync } from 'node:fs';
import tls from 'node:tls';
import { type ConsoleClient, signInToConsole } from '../launcher/console-client.ts';
import type { Seeded } from '../launcher/seed.ts';
import type { Stack } from '../launcher/stack.ts';
import type { TenantPerson } from '../launcher/tenant-info.ts';

/** What the steps share: the running stack, its administrator's console, and the person whose files are worked on. */
export interface World {
  readonly stack: Stack;
  readonly seeded: Seeded;
  readonly admin: ConsoleClient;
  readonly person: TenantPerson;
  /** Graph of the local tenant, with a token. */
  graph(token: string, path: string, init?: RequestInit): Promise<Response>;
  /** A token from the broker's front door for the first caller. */
  token(form: Readonly<Record<string, string>>): Promise<TokenAnswer>;
  /** Asks until the answer is given, at most `seconds`. */
  until<T>(what: string, ask: () => Promise<T | undefined>, seconds?: number): Promise<T>;
}

export interface TokenAnswer {
  readonly access_token: string;
  readonly expires_in: number;
  readonly scope: string;
}

export async function openWorld(stack: Stack, seeded: Seeded): Promise<World> {
  const { users, caFile, graphUrl } = stack.tenant;
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), readFileSync(caFile, 'utf8')]);
  const administrator = users.find((user) => user.admin);
  const person = users.find((user) => !user.admin);
  if (!administrator || !person) throw new Error('the tenant lacks people');

  return {
    stack,
    seeded,
    person,
    admin: await signInToConsole(stack.url, administrator),
    graph: (token, path, init = {}) => {
      const headers = {
        ...(init.headers as Record<string, string> | undefined),
        authorization: `Bearer ${token}`,
      };
      return fetch(`${graphUrl}/v1.0${path}`, { ...init, headers });
    },
    async token(form) {
      const basic = Buffer.from(`${seeded.callerId}:${seeded.callerKey}`).toString('base64');
      const response = await fetch(`${stack.url}/oauth2/token`, {
        method: 'POST',
        headers: { authorization: `Basic ${basic}` },
        body: new URLSearchParams({ grant_type: 'client_credentials', ...form }),
      });
      const body = (await response.json()) as TokenAnswer & { error?: string; error_description?: string };
      if (!response.ok)
        throw new Error(`the broker answered ${response.status}: ${body.error} ${body.error_description}`);
      return body;
    },
    async until(what, ask, seconds = 60) {
      const end = Date.now() + seconds * 1000;
      for (;;) {
        const answer = await ask();
        if (answer !== undefined) return answer;
        if (Date.now() > end) throw new Error(`${what}: not within ${seconds} s`);
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    },
  };
}

/** Fails the step with a sentence when something is not as it must be. */
export function must(holds: unknown, sentence: string): asserts holds {
  if (!holds) throw new Error(sentence);
}
