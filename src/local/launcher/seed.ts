import { readFile, writeFile } from 'node:fs/promises';
import { z } from 'zod';
import { type ConsoleClient, signInToConsole } from './console-client.ts';
import type { Stack } from './stack.ts';

/** What the first start sets up through the product's own API, and the next starts find again. */
export const seeded = z.object({
  callerId: z.string(),
  callerKey: z.string(),
  connection: z.string(),
  job: z.string(),
  rule: z.string(),
});
export type Seeded = z.infer<typeof seeded>;

/**
 * Signs in as the administrator and makes: an app connection to Contoso, a caller with a key and its policy, a scheduled
 * inventory of the Finance library, and a rule on one person's Inbox. All by HTTP, as a customer would.
 */
export async function seed(stack: Stack, file: string): Promise<Seeded> {
  const known = await readSeeded(file);
  if (known) return known;
  const { users, siteDriveId } = stack.tenant;
  const administrator = users.find((user) => user.admin) ?? fail('the tenant has no administrator');
  const person = users.find((user) => !user.admin) ?? fail('the tenant has no person');
  const admin = await signInToConsole(stack.url, administrator);

  const connection = 'contoso';
  await admin.api('POST', '/api/connections', {
    kind: 'app',
    alias: connection,
    tenantId: stack.tenant.tenantId,
    permissions: ['User.Read.All', 'Files.ReadWrite.All', 'Sites.ReadWrite.All'],
  });
  const caller = await createCaller(admin, 'first caller');
  await admin.api('PUT', '/api/policies/first-caller', {
    caller: { kind: 'api_key', id: caller.id },
    grant: { connection, delivery: ['token'], scopes: ['https://graph.microsoft.com/.default'] },
  });
  await admin.api('PUT', '/api/jobs/finance-inventory', {
    schedule: { cron: '0 6 * * 1-5', timeZone: 'Europe/London' },
    report: 'file-inventory',
    target: { kind: 'drive', driveId: siteDriveId },
    connection,
    outputs: ['csv', 'html'],
    deliveries: [{ kind: 'drive', driveId: siteDriveId, folder: '/Reports' }],
  });
  await admin.api('PUT', '/api/rules/file-documents', {
    connection,
    target: { kind: 'drive', driveId: person.driveId },
    when: { event: 'created', folder: '/Inbox', name: '*.docx' },
    actions: [{ move: { to: '/Filed/{yyyy}' } }],
  });

  const made: Seeded = {
    callerId: caller.id,
    callerKey: caller.key,
    connection,
    job: 'finance-inventory',
    rule: 'file-documents',
  };
  await writeFile(file, `${JSON.stringify(made, null, 2)}\n`, { mode: 0o600 });
  return made;
}

export async function createCaller(admin: ConsoleClient, name: string): Promise<{ id: string; key: string }> {
  const answer = await admin.api<{ id: string; key: { secret: string } }>('POST', '/api/callers', { name });
  return { id: answer.id, key: answer.key.secret };
}

async function readSeeded(file: string): Promise<Seeded | undefined> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return text === undefined ? undefined : seeded.parse(JSON.parse(text));
}

function fail(message: string): never {
  throw new Error(message);
}
