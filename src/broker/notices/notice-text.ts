import { signInLink } from '../sign-in-link.ts';
import type { Notice } from './notice.ts';

/** What a webhook is told: the type, when it happened, and what a program needs to act on it. */
export function noticeBody(notice: Notice, publicUrl: string): Record<string, unknown> {
  const { kind, at, connection, reason, credential } = notice;
  return {
    type: kind,
    timestamp: new Date(at).toISOString(),
    data: {
      ...(connection
        ? {
            connection: {
              id: connection.id,
              alias: connection.alias,
              kind: connection.kind,
              tenantId: connection.tenantId,
              ...(connection.username === undefined ? {} : { username: connection.username }),
            },
          }
        : {}),
      ...(reason ? { reason } : {}),
      ...(kind === 'connection.needs_sign_in' && connection
        ? { reauth_url: signInLink(publicUrl, connection) }
        : {}),
      ...(credential
        ? { credential: { ...credential, expiresAt: new Date(credential.expiresAt).toISOString() } }
        : {}),
      console_url: publicUrl,
    },
  };
}

/** What a person reads. Plain text, because names are anybody's text. */
export function noticeMail(notice: Notice, publicUrl: string): { subject: string; text: string } {
  const { subject, lines } = words(notice, publicUrl);
  return { subject, text: [...lines, `Graph Valet at ${new URL(publicUrl).host}`].join('\n\n') };
}

function words(notice: Notice, publicUrl: string): { subject: string; lines: string[] } {
  const { connection, reason, credential } = notice;
  const alias = connection?.alias ?? '';
  const because = reason ? [reason.message] : [];
  switch (notice.kind) {
    case 'connection.needs_sign_in':
      return {
        subject: 'Sign in again to keep your connection working',
        lines: [
          `The connection "${alias}" of ${connection?.username ?? 'your account'} no longer works.`,
          ...because,
          'Until you sign in again, nothing that uses it can run. Sign in here:',
          signInLink(publicUrl, connection ?? {}),
        ],
      };
    case 'connection.needs_consent':
      return {
        subject: `The connection "${alias}" lacks an approval`,
        lines: [
          `The connection "${alias}" no longer works.`,
          ...because,
          'An administrator of that organisation has to approve the app. Make a consent link for them here:',
          publicUrl,
        ],
      };
    case 'connection.recovered':
      return {
        subject: `The connection "${alias}" works again`,
        lines: [`The connection "${alias}" works again. There is nothing to do.`],
      };
    case 'test':
      return {
        subject: 'A test of the notices of Graph Valet',
        lines: ['This is how you will be told when a connection needs a person. There is nothing to do.'],
      };
    case 'credential.expires':
      return credentialWords(credential, publicUrl);
  }
}

function credentialWords(credential: Notice['credential'], publicUrl: string) {
  const { kind = 'secret', name = '', expiresAt = 0, daysLeft = 0 } = credential ?? {};
  const day = new Date(expiresAt).toISOString().slice(0, 10);
  const over = daysLeft <= 0;
  return {
    subject: over
      ? `The ${kind} of Graph Valet has expired`
      : `The ${kind} of Graph Valet expires in ${daysLeft} ${daysLeft === 1 ? 'day' : 'days'}`,
    lines: [
      `The ${kind} "${name}", by which the app proves itself to Microsoft, ${over ? 'expired' : 'expires'} on ${day}.`,
      'Without a new one, no token can be fetched any more. Add a new one to the app registration, then put it into Key Vault; it is picked up within ten minutes.',
      publicUrl,
    ],
  };
}
