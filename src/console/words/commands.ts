/** A command that makes a first job: an inventory of one person's OneDrive. */
export function jobCommand(publicUrl: string, username: string): string {
  return put(`${publicUrl}/api/jobs/my-files`, {
    report: 'file-inventory',
    connection: username,
    target: { kind: 'user', user: username },
    schedule: { cron: '0 7 * * 1', timeZone: 'UTC' },
    outputs: ['html', 'csv'],
  });
}

/** A command that makes a first rule: documents of the Inbox folder are filed by year. */
export function ruleCommand(publicUrl: string, username: string): string {
  return put(`${publicUrl}/api/rules/file-documents`, {
    connection: username,
    target: { user: username },
    when: { event: 'created', folder: '/Inbox', name: '*.docx' },
    actions: [{ move: { to: '/Filed/{yyyy}' } }],
  });
}

function put(url: string, body: unknown): string {
  return [
    `curl -X PUT ${quote(url)}`,
    `-H "cookie: __Host-session=$SESSION" -H "x-csrf-token: $CSRF"`,
    `-H 'content-type: application/json'`,
    `-d ${quote(JSON.stringify(body))}`,
  ].join(' \\\n  ');
}

/** One word for a POSIX shell, whatever is in it: names come from the directory and are pasted into a terminal. */
export function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
