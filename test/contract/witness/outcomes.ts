/** Runs every step and prints what came of each: a value, or the error's code and message. */
export async function report(steps: Readonly<Record<string, () => Promise<unknown>>>): Promise<never> {
  const outcomes: Record<string, unknown> = {};
  for (const [name, step] of Object.entries(steps)) {
    try {
      outcomes[name] = (await step()) ?? 'ok';
    } catch (error) {
      const { errorCode, code, message, subError } = error as {
        errorCode?: string;
        code?: string;
        message: string;
        subError?: string;
      };
      outcomes[name] = { error: errorCode ?? code ?? 'unknown', message: message.slice(0, 300), subError };
    }
  }
  console.log(JSON.stringify(outcomes));
  process.exit();
}

/** The claims of a JWT, unverified. */
export function claimsOf(token: string | undefined): Record<string, unknown> {
  return JSON.parse(Buffer.from((token ?? '').split('.')[1] ?? '', 'base64url').toString() || '{}');
}
