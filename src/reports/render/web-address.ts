/** True for an address that a link may point to: of the web, and neither a script nor a file. */
export function isWebAddress(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}
