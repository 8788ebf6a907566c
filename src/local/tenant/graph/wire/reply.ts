import type { Reply } from '../../http/route.ts';

const ODATA =
  'application/json;odata.metadata=minimal;odata.streaming=true;IEEE754Compatible=false;charset=utf-8';

/** A JSON answer as Graph labels it; `body` is JSON text or a value. */
export function odata(status: number, body: string | object, headers: Record<string, string> = {}): Reply {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return { status, headers: { 'content-type': ODATA, 'odata-version': '4.0', ...headers }, body: text };
}

/** JSON text of a collection whose members are JSON texts. */
export function collection(
  context: string,
  members: readonly string[],
  links: Record<string, string> = {},
): string {
  let json = `{"@odata.context":${JSON.stringify(context)}`;
  for (const [name, link] of Object.entries(links))
    json += `,${JSON.stringify(name)}:${JSON.stringify(link)}`;
  return `${json},"value":[${members.join(',')}]}`;
}
