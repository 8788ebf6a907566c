/**
 * A text in which nothing hides: signs that turn the direction of writing around, as in `txt.exe` shown as `exe.txt`, and signs
 * without a shape are written out.
 */
export function visibleText(text: string): string {
  return text
    .toWellFormed()
    .replace(hidden, (sign) => `[U+${sign.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}]`);
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: those are what is looked for
const hidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g;
