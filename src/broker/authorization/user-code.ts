import type { Random } from '../../ports.ts';

/** RFC 8628 section 6.1: no vowels, so that no words come out, and nothing that is mistaken for another. */
const letters = 'BCDFGHJKLMNPQRSTVWXZ';

/** `WDJB-MJHT`: one of 2.5 * 10^10. */
export function newUserCode(random: Random): string {
  let code = '';
  while (code.length < 8) {
    for (const byte of random(16)) {
      // 240 is the largest multiple of 20 in a byte: every letter is equally likely.
      if (byte < 240 && code.length < 8) code += letters[byte % letters.length];
    }
  }
  return `${code.slice(0, 4)}-${code.slice(4)}`;
}

/** What a person typed, in any case and spacing; undefined when it can't be a code. */
export function readUserCode(text: string): string | undefined {
  const code = text
    .slice(0, 40)
    .toUpperCase()
    .replace(/[^A-Z]/g, '');
  return code.length === 8 && [...code].every((letter) => letters.includes(letter)) ? code : undefined;
}
