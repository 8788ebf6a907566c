/**
 * Tries one path segment; undefined means that it does not fit. What fits is returned as .NET would print the
 * converted value: `007` as int is `7`, `true` as bool is `True`, a guid is lower case.
 */
export type Constraint = (value: string) => string | undefined;

const guid = /^[{(]?([0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12})[)}]?$/i;
const int32Limits: [bigint, bigint] = [-(2n ** 31n), 2n ** 31n - 1n];
const int64Limits: [bigint, bigint] = [-(2n ** 63n), 2n ** 63n - 1n];

function integer([low, high]: [bigint, bigint]): Constraint {
  return (value) => {
    if (!/^[+-]?\d{1,20}$/.test(value)) return undefined;
    const read = BigInt(value.replace(/^\+/, ''));
    return read >= low && read <= high ? String(read) : undefined;
  };
}

function number(value: string): string | undefined {
  return /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(value) ? String(Number(value)) : undefined;
}

function when(test: (value: string) => boolean): Constraint {
  return (value) => (test(value) ? value : undefined);
}

/** The constraint of one `name` or `name(arguments)` in a route template; throws on a name it does not know. */
export function createConstraint(name: string, argument: string | undefined): Constraint {
  const [first = Number.NaN, second = first] = (argument ?? '').split(',').map((part) => Number(part.trim()));
  switch (name.toLowerCase()) {
    case 'int':
      return integer(int32Limits);
    case 'long':
      return integer(int64Limits);
    case 'bool':
      return (value) => (/^true$/i.test(value) ? 'True' : /^false$/i.test(value) ? 'False' : undefined);
    case 'guid':
      return (value) => guidText(value);
    case 'decimal':
    case 'double':
    case 'float':
      return number;
    case 'datetime':
      return when((value) => !Number.isNaN(Date.parse(value)));
    case 'alpha':
      return when((value) => /^[a-z]*$/i.test(value));
    case 'length':
      return when((value) => value.length >= first && value.length <= second);
    case 'minlength':
      return when((value) => value.length >= first);
    case 'maxlength':
      return when((value) => value.length <= first);
    case 'min':
      return when((value) => /^[+-]?\d+$/.test(value) && Number(value) >= first);
    case 'max':
      return when((value) => /^[+-]?\d+$/.test(value) && Number(value) <= first);
    case 'range':
      return when((value) => /^[+-]?\d+$/.test(value) && Number(value) >= first && Number(value) <= second);
    case 'regex': {
      const expression = new RegExp(argument ?? '', 'i');
      return when((value) => expression.test(value));
    }
    case 'required':
      return when((value) => value !== '');
    default:
      throw new Error(`The route constraint "${name}" is not known.`);
  }
}

function guidText(value: string): string | undefined {
  const digits = guid.exec(value)?.[1]?.replaceAll('-', '').toLowerCase();
  if (digits === undefined) return undefined;
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
