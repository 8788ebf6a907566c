import { html } from 'hono/html';

/** HTML or SVG whose texts were escaped when it was made. */
export type Markup = ReturnType<typeof html>;

export interface SvgFrame {
  /** Pixels. */
  readonly width: number;
  readonly height: number;
  /** Of this page only. */
  readonly id: string;
  /** Said by screen readers. */
  readonly title: string;
  readonly description: string;
}

/** A picture with a name and a description. Colours come from the sheet of the page, by classes. */
export function svg(frame: SvgFrame, look: string, inner: readonly Markup[]): Markup {
  const { width, height, id, title, description } = frame;
  return html`<svg class="${look}" viewBox="0 0 ${width} ${height}" role="img" aria-labelledby="${id}-t ${id}-d"><title id="${id}-t">${title}</title><desc id="${id}-d">${description}</desc>${inner}</svg>`;
}

/** Two digits are more than eyes see. */
export function round(value: number): number {
  return Math.round(value * 100) / 100;
}
