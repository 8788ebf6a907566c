/** A driveItem as it came: only its id is certain. */
export type RawItem = { readonly id: string } & Readonly<Record<string, unknown>>;

export function isRawItem(value: unknown): value is RawItem {
  return typeof value === 'object' && value !== null && typeof (value as { id?: unknown }).id === 'string';
}

/** A member that is an object; undefined for anything else. */
export function facet(of: Readonly<Record<string, unknown>> | undefined, name: string): Facet | undefined {
  const value = of?.[name];
  return typeof value === 'object' && value !== null ? (value as Facet) : undefined;
}
export type Facet = Readonly<Record<string, unknown>>;

/** A member that is a text; '' for anything else. */
export function textOf(of: Facet | undefined, name: string): string {
  const value = of?.[name];
  return typeof value === 'string' ? value : '';
}

/** A member that is a whole number; undefined for anything else. */
export function wholeOf(of: Facet | undefined, name: string): number | undefined {
  const value = of?.[name];
  return typeof value === 'number' && Number.isSafeInteger(value) ? value : undefined;
}
