import { request as plainRequest } from 'node:http';
import { request as tlsRequest } from 'node:https';
import { rootCertificates } from 'node:tls';
import type { Deliver } from './graph-world.ts';

/** Sends notifications; trusts `caPem` besides the public authorities, and follows no redirect. */
export function createDeliver(caPem: string): Deliver {
  const ca = [...rootCertificates, caPem];
  return (target, { method, headers, body, timeoutMs }) =>
    new Promise((resolve, reject) => {
      const url = new URL(target);
      const options = { method, headers: { ...headers, 'content-length': Buffer.byteLength(body) } };
      const send = url.protocol === 'https:' ? tlsRequest : plainRequest;
      const request = send(url, { ...options, ca }, (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', fail);
        response.on('end', () => {
          clearTimeout(timer);
          const answered: Record<string, string> = {};
          for (const [name, value] of Object.entries(response.headers)) answered[name] = String(value);
          const text = Buffer.concat(chunks).toString('utf8');
          resolve({ status: response.statusCode ?? 0, headers: answered, body: text });
        });
      });
      const timer = setTimeout(
        () => request.destroy(new Error(`no answer within ${timeoutMs} ms`)),
        timeoutMs,
      );
      function fail(error: Error): void {
        clearTimeout(timer);
        reject(error);
      }
      request.on('error', fail);
      request.end(body);
    });
}
