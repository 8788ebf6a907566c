import type { JSX } from 'hono/jsx/jsx-runtime';

/** A piece of a page. Rendered to a string, with every text and attribute escaped. */
export type View = JSX.Element;

/** What may stand between two tags. */
export type Content = View | string | number | boolean | null | undefined | readonly Content[];
