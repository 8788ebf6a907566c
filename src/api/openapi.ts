import { z } from 'zod';
import type { Ports } from '../ports.ts';
import type { ApiOperation } from './api-operation.ts';
import { type Handler, json, withApiErrors } from './http.ts';

/** `GET /api/openapi.json`: made from the same schemas that read the requests. */
export function createOpenApi(deps: {
  readonly operations: readonly ApiOperation[];
  readonly publicUrl: string;
  readonly version: string;
  readonly ports: Pick<Ports, 'log' | 'random'>;
}): Handler {
  let document: object | undefined;
  return withApiErrors(async () => {
    document ??= describe(deps);
    return json(200, document, { 'cache-control': 'public, max-age=300' });
  }, deps.ports);
}

const errorSchema = {
  type: 'object',
  properties: {
    error: {
      type: 'object',
      properties: {
        code: { type: 'string' },
        message: { type: 'string' },
        requestId: { type: 'string' },
        details: {},
      },
      required: ['code', 'message', 'requestId'],
    },
  },
};

function describe({
  operations,
  publicUrl,
  version,
}: Pick<Parameters<typeof createOpenApi>[0], 'operations' | 'publicUrl' | 'version'>) {
  const paths: Record<string, Record<string, object>> = {};
  for (const operation of operations) {
    const methods = paths[operation.path] ?? {};
    methods[operation.method.toLowerCase()] = describeOperation(operation);
    paths[operation.path] = methods;
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Graph Valet',
      version,
      description: 'A token broker and file automation for Microsoft 365.',
    },
    servers: [{ url: publicUrl }],
    paths,
    components: {
      securitySchemes: {
        session: {
          type: 'apiKey',
          in: 'cookie',
          name: '__Host-session',
          description: 'With x-csrf-token for whatever changes something',
        },
        apiKey: { type: 'http', scheme: 'basic' },
        program: {
          type: 'http',
          scheme: 'bearer',
          description: 'An access token of this installation, for a program that a person let in',
        },
      },
    },
  };
}

function describeOperation({
  method,
  path,
  summary,
  auth,
  query,
  request,
  requestMediaType,
  response,
  error,
  status = 200,
}: ApiOperation) {
  const parameters = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    in: 'path',
    required: true,
    schema: { type: 'string' },
  }));
  const schemas = query ? toJsonSchema(query, 'input') : {};
  for (const [name, schema] of Object.entries(propertiesOf(schemas)))
    parameters.push({ name, in: 'query', required: false, schema: schema as { type: string } });
  const security = {
    none: [],
    caller: [{ apiKey: [] }, {}],
    person: [{ session: [] }, { program: [] }],
    administrator: [{ session: [] }, { program: [] }],
  }[auth];
  const media = requestMediaType ?? 'application/json';
  return {
    operationId: `${method.toLowerCase()}${path.replace(/[{}]/g, '').replace(/[^a-zA-Z0-9]+(\w)/g, (_, letter: string) => letter.toUpperCase())}`,
    summary,
    ...(auth === 'administrator' ? { description: 'For administrators of this installation.' } : {}),
    security,
    ...(parameters.length > 0 ? { parameters } : {}),
    ...(request
      ? { requestBody: { required: true, content: { [media]: { schema: toJsonSchema(request, 'input') } } } }
      : {}),
    responses: {
      [status]: {
        description: 'As asked',
        ...(response
          ? { content: { 'application/json': { schema: toJsonSchema(response, 'output') } } }
          : {}),
      },
      default: {
        description: 'What went wrong',
        content: { 'application/json': { schema: error ? toJsonSchema(error, 'output') : errorSchema } },
      },
    },
  };
}

function toJsonSchema(schema: z.ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest;
}

function propertiesOf(schema: Record<string, unknown>): Record<string, unknown> {
  return typeof schema.properties === 'object' && schema.properties !== null
    ? (schema.properties as Record<string, unknown>)
    : {};
}
