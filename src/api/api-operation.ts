import type { z } from 'zod';

/** One operation of the HTTP API as `GET /api/openapi.json` describes it. Each file of the API exports its own. */
export interface ApiOperation {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** With parameters in braces: `/api/callers/{id}`. */
  readonly path: `/${string}`;
  readonly summary: string;
  /** `caller`: proves itself within the request, as OAuth has it. The others need a session. */
  readonly auth: 'none' | 'caller' | 'person' | 'administrator';
  readonly query?: z.ZodType;
  readonly request?: z.ZodType;
  /** JSON unless given. */
  readonly requestMediaType?: 'application/json' | 'application/x-www-form-urlencoded';
  readonly response?: z.ZodType;
  /** What went wrong, where that has another form than everywhere else. */
  readonly error?: z.ZodType;
  /** Of the answer when all is well; 200 unless given. */
  readonly status?: number;
}
