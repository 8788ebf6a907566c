import { z } from 'zod';

/** One entry of a list in a rule: `{ move: { to: '/Filed' } }`, the name of the kind and its input. */
export type Entry = Readonly<Record<string, unknown>>;

interface Kind {
  readonly name: string;
  readonly input: z.ZodType<unknown>;
}

/** Reads an entry by the schema of the kind that it names, and says which kinds there are when it names none. */
export function entryOf(known: () => readonly Kind[]) {
  return z.record(z.string(), z.unknown()).transform((entry, context): Entry => {
    const [name, ...more] = Object.keys(entry);
    const kind = more.length > 0 ? undefined : known().find((one) => one.name === name);
    if (name === undefined || !kind) {
      const names = known()
        .map((one) => one.name)
        .join(', ');
      context.addIssue({ code: 'custom', message: `must have exactly one key, which is one of: ${names}` });
      return z.NEVER;
    }
    const parsed = kind.input.safeParse(entry[name]);
    if (parsed.success) return { [name]: parsed.data };
    for (const { message, path } of parsed.error.issues) {
      context.addIssue({ code: 'custom', message, path: [name, ...path] });
    }
    return z.NEVER;
  });
}

/** The kind's name and its input. */
export function openEntry(entry: Entry): readonly [name: string, input: unknown] {
  const [pair] = Object.entries(entry);
  if (!pair) throw new Error('an entry of a rule is empty');
  return pair;
}
