import type { ConsentLink } from '../../broker/consent-link.ts';
import { permissionWords } from './permission-words.ts';
import { moment } from './times.ts';

/** A text that is ready to be sent to the administrator who shall approve. */
export function consentMail(input: {
  readonly url: string;
  readonly link: Pick<ConsentLink, 'permissions' | 'note' | 'expiresAt'>;
  readonly host: string;
  readonly sender: string;
}): { readonly subject: string; readonly body: string } {
  const { url, link, host, sender } = input;
  const asked = link.permissions.map((name) => {
    const { allows } = permissionWords(name);
    return allows ? `- ${allows} (${name})` : `- ${name}`;
  });
  const lines = [
    'Hello,',
    '',
    `please approve access to your organisation's Microsoft 365 files for Graph Valet at ${host}.`,
    'It asks to:',
    ...asked,
    ...(link.note ? ['', `Why: ${link.note}`] : []),
    '',
    'This page explains it and leads to Microsoft, where you sign in and approve:',
    url,
    '',
    'You need to be Global Administrator or Privileged Role Administrator.',
    `The link works once, until ${moment(link.expiresAt)}.`,
    '',
    sender,
  ];
  return { subject: `Approval needed for Graph Valet at ${host}`, body: lines.join('\n') };
}
