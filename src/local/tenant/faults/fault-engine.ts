import type { Exchange, Reply } from '../http/route.ts';
import type { FaultRule } from './fault-rule.ts';

/** What a struck rule does to an exchange. */
export interface Strike {
  readonly delayMs: number;
  readonly cut: 'before' | 'mid' | undefined;
  readonly wrongJson: boolean;
  /** Given instead of doing the work. */
  readonly reply: Reply | undefined;
}

export interface FaultEngine {
  /** The first rule, in the order added, that strikes this exchange. */
  strike(exchange: Exchange): Strike | undefined;
  add(rules: readonly FaultRule[]): void;
  clear(): void;
  list(): { rule: FaultRule; seen: number; struck: number }[];
}

interface Entry {
  readonly rule: FaultRule;
  readonly path: RegExp | undefined;
  seen: number;
  struck: number;
}

/** Control requests are met only by rules that name the control listener, so that faults can always be removed. */
export function createFaultEngine(initial: readonly FaultRule[], random: () => number): FaultEngine {
  let entries: Entry[] = initial.map(toEntry);
  return {
    strike(exchange) {
      for (const entry of entries) {
        if (!isMatch(entry, exchange)) continue;
        entry.seen += 1;
        if (!isDue(entry, random)) continue;
        entry.struck += 1;
        return toStrike(entry.rule);
      }
      return undefined;
    },
    add(rules) {
      entries = [...entries, ...rules.map(toEntry)];
    },
    clear() {
      entries = [];
    },
    list: () => entries.map(({ rule, seen, struck }) => ({ rule, seen, struck })),
  };
}

function toEntry(rule: FaultRule): Entry {
  return { rule, path: rule.path === undefined ? undefined : toGlob(rule.path), seen: 0, struck: 0 };
}

/** `*` stays inside a path segment, `**` crosses segments; letters match in any case. */
export function toGlob(glob: string): RegExp {
  const source = glob
    .split(/(\*\*|\*)/)
    .map((part) =>
      part === '**' ? '.*' : part === '*' ? '[^/]*' : part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
    )
    .join('');
  return new RegExp(`^${source}$`, 'i');
}

function isMatch({ rule, path }: Entry, exchange: Exchange): boolean {
  if (rule.listener === undefined ? exchange.listener === 'control' : rule.listener !== exchange.listener)
    return false;
  if (rule.listener === 'control' && /^\/control\//.test(exchange.url.pathname)) return false;
  if (rule.method !== undefined && rule.method.toUpperCase() !== exchange.method) return false;
  return path === undefined || path.test(decoded(exchange.url.pathname));
}

function isDue(entry: Entry, random: () => number): boolean {
  const { rule, seen, struck } = entry;
  if (rule.times !== undefined && struck >= rule.times) return false;
  if (rule.nth !== undefined && seen !== rule.nth) return false;
  if (rule.every !== undefined && seen % rule.every !== 0) return false;
  return rule.probability === undefined || random() < rule.probability;
}

function toStrike({ then }: FaultRule): Strike {
  const headers: Record<string, string> = { ...then.headers };
  if (then.retryAfter !== undefined) headers['retry-after'] = String(then.retryAfter);
  return {
    delayMs: then.delayMs ?? 0,
    cut: then.cut,
    wrongJson: then.wrongJson ?? false,
    reply: then.status === undefined ? undefined : { status: then.status, headers, body: toBody(then.body) },
  };
}

function toBody(body: unknown): string | object {
  if (typeof body === 'string') return body;
  return typeof body === 'object' && body !== null ? body : '';
}

function decoded(pathname: string): string {
  try {
    return decodeURIComponent(pathname);
  } catch {
    return pathname;
  }
}
