import { z } from 'zod';
import { defineCondition } from './condition.ts';

const units: Readonly<Record<string, number>> = { B: 1, KB: 1024, MB: 1024 ** 2, GB: 1024 ** 3 };

/** Bytes as a number, or `10 MB`. */
const bytes = z.union([
  z.int().min(0),
  z
    .string()
    .regex(/^\d+(?:\.\d+)? ?(?:B|KB|MB|GB)$/, 'is a size such as 10 MB')
    .transform((text) => {
      const [, amount = '0', unit = 'B'] = /^([\d.]+) ?([KMG]?B)$/.exec(text) ?? [];
      return Math.round(Number(amount) * (units[unit] ?? 1));
    }),
]);

export const size = defineCondition({
  name: 'size',
  summary: 'The file is larger, or smaller, than this.',
  input: z
    .strictObject({ over: bytes.optional(), under: bytes.optional() })
    .refine(({ over, under }) => over !== undefined || under !== undefined, 'needs over, under or both'),
  needs: [],
  readsFolder: false,
  sentence: ({ over, under }) =>
    [
      ...(over === undefined ? [] : [`it is larger than ${sizeWords(over)}`]),
      ...(under === undefined ? [] : [`it is smaller than ${sizeWords(under)}`]),
    ].join(' and '),
  holds: (item, { over, under }) =>
    (over === undefined || item.size > over) && (under === undefined || item.size < under),
});

function sizeWords(count: number): string {
  const unit = ['GB', 'MB', 'KB'].find((name) => count >= (units[name] ?? 1)) ?? 'B';
  const amount = count / (units[unit] ?? 1);
  return `${Number.isInteger(amount) ? amount : amount.toFixed(1)} ${unit}`;
}
