import type { TableServiceClientOptions } from '@azure/data-tables';

type AdditionalPolicy = NonNullable<TableServiceClientOptions['additionalPolicies']>[number];

/** Ends each try of a request after so long: the Azure SDKs wait for ever for a service that takes a request and never answers. */
export function createTimeLimit(mostMs = 10_000): AdditionalPolicy {
  return {
    position: 'perRetry',
    policy: {
      name: 'timeLimitPolicy',
      async sendRequest(request, next) {
        const given = request.abortSignal as AbortSignal | undefined;
        const limit = new AbortController();
        const timer = setTimeout(() => limit.abort(), mostMs).unref();
        request.abortSignal = given ? AbortSignal.any([given, limit.signal]) : limit.signal;
        try {
          return await next(request);
        } finally {
          clearTimeout(timer);
        }
      },
    },
  };
}
