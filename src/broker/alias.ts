import { AppError } from '../errors.ts';

const shape = /^[a-z0-9][a-z0-9._@+-]{0,126}$/;

/** The alias as it is stored (lower case), or `invalid_request`. */
export function requireAlias(text: string): string {
  const alias = text.trim().toLowerCase();
  // What begins like an id would be looked up as one.
  if (!shape.test(alias) || alias.startsWith('con_')) {
    throw new AppError(
      'invalid_request',
      'An alias has 1 to 127 letters, digits or . _ @ + - and begins with a letter or a digit.',
      { details: { field: 'alias' } },
    );
  }
  return alias;
}

/** What a person's connection is called at first: the user name, with what an alias may not hold replaced. */
export function firstAlias(username: string): string {
  const alias = username
    .toLowerCase()
    .replace(/[^a-z0-9._@+-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 120);
  return alias === '' || alias.startsWith('con_') ? `person-${alias}`.replace(/-$/, '') : alias;
}

/** `name` -> `name-2` -> `name-3` … */
export function nextAlias(alias: string): string {
  const numbered = /^(.+)-(\d{1,4})$/.exec(alias);
  return numbered ? `${numbered[1]}-${Number(numbered[2]) + 1}` : `${alias}-2`;
}
