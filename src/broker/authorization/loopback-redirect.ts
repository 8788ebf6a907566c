import { AppError } from '../../errors.ts';

/**
 * The redirect address of a program on the person's own machine (RFC 8252 section 7.3): http, the loopback IP literal, any port.
 * `localhost` is refused: a name may lead elsewhere. Throws `invalid_request`.
 */
export function requireLoopbackRedirect(text: string | null | undefined): string {
  const shape = /^http:\/\/(?:127\.0\.0\.1|\[::1\]):(\d{1,5})(?:\/[\w./-]{0,200})?$/;
  const port = Number(shape.exec(text ?? '')?.[1]);
  if (text && port > 0 && port < 65_536 && !text.includes('..')) return text;
  throw new AppError(
    'invalid_request',
    'redirect_uri must be a loopback address with a port, such as http://127.0.0.1:51234/callback.',
  );
}

/** The address with the parameters of an answer. */
export function withAnswer(
  redirectUri: string,
  answer: Readonly<Record<string, string | undefined>>,
): string {
  const url = new URL(redirectUri);
  for (const [name, value] of Object.entries(answer)) {
    if (value !== undefined) url.searchParams.set(name, value);
  }
  return url.href;
}
