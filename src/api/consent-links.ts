import { z } from 'zod';
import type { Audit } from '../broker/audit.ts';
import { auditPerson } from '../broker/audit-event.ts';
import type { ConsentLink, ConsentLinks } from '../broker/consent-link.ts';
import type { Ports } from '../ports.ts';
import type { ApiOperation } from './api-operation.ts';
import type { Authorize } from './authorize.ts';
import { type Handler, json, readJson, readQuery, withApiErrors } from './http.ts';
import { isoTime, listOf, pageOf, pageQuery } from './list-page.ts';

const newLink = z.strictObject({
  alias: z.string().min(1).max(127),
  permissions: z
    .array(z.string().regex(/^[\w.-]{1,128}$/, 'is not a permission of Microsoft Graph'))
    .min(1)
    .max(50),
  tenantId: z.guid().optional(),
  note: z.string().max(500).optional(),
  expiresInHours: z.int().min(1).max(720).optional(),
});
const linkView = z.object({
  id: z.string(),
  alias: z.string(),
  permissions: z.array(z.string()),
  tenantId: z.string().optional(),
  note: z.string().optional(),
  status: z.enum(['open', 'proving', 'connected', 'refused', 'expired']),
  reason: z.object({ code: z.string(), message: z.string() }).optional(),
  connectionId: z.string().optional(),
  createdAt: z.string(),
  expiresAt: z.string(),
});

export const consentLinkOperations: readonly ApiOperation[] = [
  {
    method: 'GET',
    path: '/api/consent-links',
    summary: 'Consent links and what became of them',
    auth: 'administrator',
    query: pageQuery,
    response: listOf(linkView),
  },
  {
    method: 'POST',
    path: '/api/consent-links',
    summary: 'Make a one-time link for an administrator of a tenant; its address is given once',
    auth: 'administrator',
    request: newLink,
    response: z.object({ id: z.string(), url: z.url() }),
    status: 201,
  },
];

export interface ConsentLinksApi {
  readonly list: Handler;
  readonly create: Handler;
}

export function createConsentLinksApi(deps: {
  readonly consentLinks: Pick<ConsentLinks, 'create' | 'list'>;
  readonly audit: Pick<Audit, 'record'>;
  readonly authorize: Authorize;
  readonly publicUrl: string;
  readonly ports: Pick<Ports, 'log' | 'random'>;
}): ConsentLinksApi {
  const { consentLinks, audit, authorize, ports } = deps;
  const listUrl = `${deps.publicUrl}/api/consent-links`;
  return {
    list: withApiErrors(async (request) => {
      await authorize(request, 'administrator');
      const found = pageOf(
        await consentLinks.list(),
        readQuery(request, pageQuery),
        (each) => each.id,
        listUrl,
      );
      return json(200, { ...found, value: found.value.map(toView) });
    }, ports),

    create: withApiErrors(async (request, { requestId }) => {
      const person = await authorize(request, 'administrator');
      const input = await readJson(request, newLink);
      await audit.record({
        outcome: 'granted',
        reason: 'ok',
        action: 'consent_link.create',
        requestId,
        actor: auditPerson(person),
        target: input.alias,
      });
      return json(201, await consentLinks.create({ ...input, createdBy: person.objectId }));
    }, ports),
  };
}

function toView({ createdBy: _, createdAt, expiresAt, ...link }: ConsentLink) {
  return { ...link, createdAt: isoTime(createdAt), expiresAt: isoTime(expiresAt) };
}
