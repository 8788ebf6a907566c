import type { Exchange, HttpFault, Reply } from './route.ts';

/** Dresses a refusal in the error shape of the service that the listener plays. */
export function toErrorReply(exchange: Exchange, fault: HttpFault, now: number): Reply {
  return { status: fault.status, headers: fault.headers, body: toErrorBody(exchange, fault, now) };
}

function toErrorBody(exchange: Exchange, fault: HttpFault, now: number): object {
  const { listener, requestId } = exchange;
  const correlation = exchange.headers['client-request-id'] ?? requestId;
  if (listener === 'graph' || listener === 'files') {
    return {
      error: {
        code: fault.code,
        message: fault.message,
        innerError: {
          ...(fault.inner === undefined ? {} : { code: fault.inner }),
          date: new Date(now).toISOString().slice(0, 19),
          'request-id': requestId,
          'client-request-id': correlation,
        },
      },
    };
  }
  if (listener === 'vault') {
    const inner = fault.inner === undefined ? {} : { innererror: { code: fault.inner } };
    return { error: { code: fault.code, message: fault.message, ...inner } };
  }
  if (listener === 'control') return { error: { code: fault.code, message: fault.message } };
  const timestamp = `${new Date(now).toISOString().slice(0, 19).replace('T', ' ')}Z`;
  return {
    error: fault.code,
    error_description: `${fault.message}\r\nTrace ID: ${requestId}\r\nCorrelation ID: ${correlation}\r\nTimestamp: ${timestamp}`,
    timestamp,
    trace_id: requestId,
    correlation_id: correlation,
  };
}
