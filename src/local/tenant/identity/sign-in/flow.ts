import { randomBytes } from 'node:crypto';
import type { Application, User } from '../../directory/types.ts';
import type { Exchange, Reply } from '../../http/route.ts';
import type { Authority } from '../authority.ts';
import type { AskedScopes } from '../scopes.ts';

/** A sign-in on its way through the pages: what is to be done at its end, and how far the person is. */
export interface Flow {
  readonly id: string;
  readonly authority: Authority;
  readonly app: Application;
  readonly asked: AskedScopes;
  readonly loginHint: string | undefined;
  readonly domainHint: string | undefined;
  /** Consent is asked even for what was granted before. */
  readonly askConsent: boolean;
  /** Only an administrator may go on; everything that the registration asks for is shown. */
  readonly adminConsent: boolean;
  /** The answer when all is well. */
  readonly finish: (exchange: Exchange, end: FlowEnd) => Reply;
  /** The answer when the person says no: OAuth error, AADSTS code and text. */
  readonly refuse: (error: string, code: number, text: string) => Reply;
  account?: string;
  user?: User;
  methods: string[];
  authTime: number;
  number?: string;
}

export interface FlowEnd {
  readonly user: User;
  readonly authTime: number;
  readonly methods: readonly string[];
}

export interface Flows {
  begin(flow: Omit<Flow, 'id' | 'methods' | 'authTime'>): Flow;
  find(id: string): Flow | undefined;
  end(flow: Flow): void;
}

const MOST = 5000;

export function createFlows(): Flows {
  const known = new Map<string, Flow>();
  return {
    begin(start) {
      const flow: Flow = { ...start, id: randomBytes(18).toString('base64url'), methods: [], authTime: 0 };
      const [oldest] = known.keys();
      if (known.size >= MOST && oldest !== undefined) known.delete(oldest);
      known.set(flow.id, flow);
      return flow;
    },
    find: (id) => known.get(id),
    end: (flow) => void known.delete(flow.id),
  };
}
