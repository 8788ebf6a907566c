import type { View } from './view.ts';

const shapes = {
  check: 'M3.5 8.5l3 3 6-7',
  cross: 'M4.5 4.5l7 7M11.5 4.5l-7 7',
  warning: 'M8 2.2 14.5 13.5h-13zM8 6.6v3.1M8 11.6v.1',
  clock: 'M8 1.8a6.2 6.2 0 1 0 0 12.4A6.2 6.2 0 0 0 8 1.8zM8 4.8V8l2.2 1.6',
  running: 'M13.6 8A5.6 5.6 0 1 1 8 2.4M8 .6l2.2 1.8L8 4.4',
  dash: 'M3.5 8h9',
  pause: 'M5.5 3.5v9M10.5 3.5v9',
  skip: 'M3.5 3.8 9 8l-5.5 4.2zM12 3.8v8.4',
  back: 'M6 4 2.8 7.2 6 10.4M3 7.2h6.4a3.6 3.6 0 0 1 0 7.2H7',
} as const;

export type Shape = keyof typeof shapes;

/** A mark beside a word; it never stands alone, so it is hidden from screen readers. */
export function Icon({ shape }: { shape: Shape }): View {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true" focusable="false">
      <path
        d={shapes[shape]}
        fill="none"
        stroke="currentColor"
        stroke-width="1.8"
        stroke-linecap="round"
        stroke-linejoin="round"
      />
    </svg>
  );
}
