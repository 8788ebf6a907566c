/** Who a person was, as rows name them. */
export interface FormerPerson {
  readonly objectId: string;
  /** User names and mail addresses. */
  readonly usernames: readonly string[];
  /** What their connections were called; callers and policies name these. */
  readonly aliases: readonly string[];
}

/** What stands for a person who was erased: a random id of the same shape, and a name that no connection has. */
export interface Pseudonym {
  readonly objectId: string;
  readonly name: string;
}

/** Members whose whole text is the name of a connection, a caller or a person. */
const naming = new Set(['alias', 'audience', 'connection', 'target']);
const nobody = 'erased person';

/**
 * The document with the person's object id and the names of their connections replaced; `texts`: also their user names,
 * wherever a text holds one. Undefined when it does not speak of them.
 */
export function withoutPerson(
  document: unknown,
  person: FormerPerson,
  pseudonym: Pseudonym,
  { texts }: { readonly texts: boolean },
): unknown {
  const id = pattern([person.objectId]);
  const names = texts && person.usernames.length > 0 ? pattern(person.usernames) : undefined;
  const aliases = new Set([...person.aliases, ...person.usernames].map((each) => each.toLowerCase()));
  let changed = false;

  function put(text: string, next: string): string {
    changed ||= next !== text;
    return next;
  }

  function visitText(text: string, member: string): string {
    if (naming.has(member) && aliases.has(text.toLowerCase())) return put(text, pseudonym.name);
    const withoutId = text.replace(id, pseudonym.objectId);
    return put(text, names ? withoutId.replace(names, pseudonym.name) : withoutId);
  }

  function visit(value: unknown, member: string): unknown {
    if (typeof value === 'string') return visitText(value, member);
    if (Array.isArray(value)) return value.map((each) => visit(each, member));
    if (typeof value !== 'object' || value === null) return value;
    const visited = Object.fromEntries(
      Object.entries(value).map(([name, inner]) => [name, visit(inner, name)]),
    );
    const theirs = 'objectId' in value && isSame(value.objectId, person.objectId);
    return theirs && 'name' in value ? { ...visited, name: nobody } : visited;
  }

  const result = visit(document, '');
  return changed ? result : undefined;
}

function isSame(value: unknown, id: string): boolean {
  return typeof value === 'string' && value.toLowerCase() === id.toLowerCase();
}

function pattern(texts: readonly string[]): RegExp {
  const escaped = texts.map((text) => text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(escaped.join('|'), 'gi');
}
