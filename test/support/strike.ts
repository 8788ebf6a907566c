import type { BrokerStage } from './broker-stage.ts';

export interface Strike {
  readonly status?: number;
  readonly retryAfter?: number | string;
  readonly body?: unknown;
  readonly cut?: 'before' | 'mid';
  readonly wrongJson?: true;
}

/** The token endpoint of the local tenant misbehaves until the stage is healed. */
export async function strikeTokens({ fault }: Pick<BrokerStage, 'fault'>, strike: Strike): Promise<void> {
  // biome-ignore lint/suspicious/noThenProperty: a rule is never awaited, and its `then` is no function
  await fault({ listener: 'login', path: '/*/oauth2/v2.0/token', then: strike });
}
