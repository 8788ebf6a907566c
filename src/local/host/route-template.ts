import { type Constraint, createConstraint } from './route-constraints.ts';

export interface LiteralSegment {
  readonly kind: 'literal';
  /** Lower case: routes are compared without regard to case. */
  readonly text: string;
}

export interface ParameterSegment {
  readonly kind: 'parameter';
  readonly name: string;
  readonly constraints: readonly Constraint[];
  readonly optional: boolean;
  readonly fallback: string | undefined;
  readonly catchAll: boolean;
}

export type Segment = LiteralSegment | ParameterSegment;

/**
 * Reads a route such as `items/{id:int:min(1)?}/{*rest}` into its segments. A segment is either literal or one
 * parameter. Throws, naming the route, on anything else.
 */
export function parseRouteTemplate(route: string): readonly Segment[] {
  const path = route.replace(/^~?\//, '').replace(/\/$/, '');
  if (path === '') return [];
  const segments = splitOutsideBraces(path).map((text) => parseSegment(text, route));
  const early = segments.slice(0, -1).some((segment) => segment.kind === 'parameter' && segment.catchAll);
  if (early) throw new Error(`Route "${route}": a catch-all parameter must be the last segment.`);
  return segments;
}

/** Splits at `/`, except inside a parameter, where a regular expression may hold one. */
function splitOutsideBraces(path: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let current = '';
  for (const character of path) {
    if (character === '{') depth += 1;
    if (character === '}') depth -= 1;
    if (character === '/' && depth === 0) {
      parts.push(current);
      current = '';
    } else {
      current += character;
    }
  }
  return [...parts, current];
}

function parseSegment(text: string, route: string): Segment {
  if (!text.includes('{') && !text.includes('}')) {
    if (text === '') throw new Error(`Route "${route}" has an empty segment.`);
    return { kind: 'literal', text: text.toLowerCase() };
  }
  const match = /^\{(\*{0,2})([A-Za-z_][\w-]*)([\s\S]*)\}$/.exec(text);
  if (!match) {
    throw new Error(`Route "${route}": a segment must be literal or one {parameter}, and "${text}" is not.`);
  }
  const [, stars = '', name = '', rest = ''] = match;
  const optional = rest.endsWith('?');
  const { constraints, fallback } = parseSuffix(optional ? rest.slice(0, -1) : rest, route);
  return { kind: 'parameter', name, constraints, optional, fallback, catchAll: stars !== '' };
}

/** Reads `:int:regex(a{{2}})=5`: any number of constraints, then perhaps a default. */
function parseSuffix(suffix: string, route: string) {
  const constraints: Constraint[] = [];
  let rest = suffix;
  while (rest.startsWith(':')) {
    const name = /^:([A-Za-z]+)/.exec(rest)?.[1];
    if (name === undefined) throw new Error(`Route "${route}": "${rest}" is not a constraint.`);
    rest = rest.slice(name.length + 1);
    let argument: string | undefined;
    if (rest.startsWith('(')) {
      const end = closingParenthesis(rest, route);
      // Braces inside a template are doubled.
      argument = rest.slice(1, end).replaceAll('{{', '{').replaceAll('}}', '}');
      rest = rest.slice(end + 1);
    }
    constraints.push(createConstraint(name, argument));
  }
  if (rest !== '' && !rest.startsWith('=')) throw new Error(`Route "${route}": "${rest}" is not understood.`);
  return { constraints, fallback: rest.startsWith('=') ? rest.slice(1) : undefined };
}

function closingParenthesis(text: string, route: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '(') depth += 1;
    else if (text[at] === ')') {
      depth -= 1;
      if (depth === 0) return at;
    }
  }
  throw new Error(`Route "${route}" has an open parenthesis.`);
}
