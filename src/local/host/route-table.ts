import type { ParameterSegment, Segment } from './route-template.ts';

export interface Route<T> {
  readonly segments: readonly Segment[];
  /** Upper case. */
  readonly methods: ReadonlySet<string>;
  readonly target: T;
}

export interface RouteMatch<T> {
  readonly target: T;
  readonly params: Readonly<Record<string, string>>;
}

const noParams: Readonly<Record<string, string>> = Object.freeze({});

/**
 * Finds the route of a request by method and raw path (still percent-encoded, without query). Undefined when
 * nothing fits: a wrong method and an unknown path are the same, because the real host answers 404 to both.
 */
export type FindRoute<T> = (method: string, path: string) => RouteMatch<T> | undefined;

/** A table in the real host's order; literal routes are found by one look-up, the rest one after another. */
export function createRouteTable<T>(routes: readonly Route<T>[]): FindRoute<T> {
  const literal = new Map<string, Route<T>[]>();
  const ordered = routes.toSorted(compareRoutes);
  const patterns: Route<T>[] = [];
  for (const route of ordered) {
    if (route.segments.every((segment) => segment.kind === 'literal')) {
      const path = `/${route.segments.map((segment) => segment.text).join('/')}`;
      literal.set(path, [...(literal.get(path) ?? []), route]);
    } else {
      patterns.push(route);
    }
  }

  return (method, path) => {
    const normal = normalPath(path);
    // In the ordered table a literal route comes before every pattern that fits the same path.
    for (const route of literal.get(normal.toLowerCase()) ?? []) {
      if (route.methods.has(method)) return { target: route.target, params: noParams };
    }
    const parts = normal === '/' ? [] : normal.slice(1).split('/');
    for (const route of patterns) {
      if (!route.methods.has(method)) continue;
      const params = matchSegments(route.segments, parts);
      if (params) return { target: route.target, params };
    }
    return undefined;
  };
}

/**
 * Segment by segment: literal before parameter, more constraints first, literals by alphabet; then the longer
 * template. A catch-all counts as a plain parameter, so `{id}` and `{*rest}` in one place keep their order.
 */
function compareRoutes(left: Route<unknown>, right: Route<unknown>): number {
  for (const [index, mine] of left.segments.entries()) {
    const other = right.segments[index];
    if (!other) return -1;
    if (mine.kind !== other.kind) return mine.kind === 'literal' ? -1 : 1;
    if (mine.kind === 'parameter' && other.kind === 'parameter') {
      const difference = other.constraints.length - mine.constraints.length;
      if (difference !== 0) return difference;
    }
    if (mine.kind === 'literal' && other.kind === 'literal' && mine.text !== other.text) {
      return mine.text < other.text ? -1 : 1;
    }
  }
  return right.segments.length - left.segments.length;
}

/** Decoded (but `%2F` stays), without dot segments and without a trailing slash: what the web server hands on. */
function normalPath(path: string): string {
  let normal = path;
  if (normal.includes('/.') || /%2e/i.test(normal)) normal = new URL(normal, 'http://localhost').pathname;
  if (normal.includes('%')) {
    normal = normal.replaceAll(/(?:%(?!2f)[0-9a-f]{2})+/gi, (escaped) => {
      try {
        return decodeURIComponent(escaped);
      } catch {
        // Not UTF-8: the web server leaves it as it came.
        return escaped;
      }
    });
  }
  return normal.length > 1 && normal.endsWith('/') ? normal.slice(0, -1) : normal;
}

function matchSegments(
  segments: readonly Segment[],
  parts: readonly string[],
): Record<string, string> | undefined {
  const params: Record<string, string> = {};
  for (const [index, segment] of segments.entries()) {
    const part = parts[index];
    if (segment.kind === 'literal') {
      if (part?.toLowerCase() !== segment.text) return undefined;
      continue;
    }
    const given = segment.catchAll ? parts.slice(index).join('/') || undefined : part || undefined;
    if (!takeParameter(segment, given, params)) return undefined;
    if (segment.catchAll) return params;
  }
  return parts.length > segments.length ? undefined : params;
}

/** Writes the parameter into `params`; false when it is missing or a constraint refuses it. */
function takeParameter(segment: ParameterSegment, given: string | undefined, params: Record<string, string>) {
  const value = given ?? segment.fallback;
  if (value === undefined) return segment.optional || segment.catchAll;
  let converted = value;
  for (const constraint of segment.constraints) {
    const next = constraint(value);
    if (next === undefined) return false;
    if (next !== value) converted = next;
  }
  params[segment.name] = converted;
  return true;
}
