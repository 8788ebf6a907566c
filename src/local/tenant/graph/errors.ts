import { HttpFault } from '../http/route.ts';

/** The refusals that many endpoints share, with the codes and words of the files workload. */
export const faults = {
  notFound: (what = 'The resource could not be found.') => new HttpFault(404, 'itemNotFound', what),
  denied: (message = 'Access denied') => new HttpFault(403, 'accessDenied', message),
  badRequest: (message: string, inner?: string) =>
    new HttpFault(400, 'invalidRequest', message, inner === undefined ? {} : { inner }),
  nameTaken: () =>
    new HttpFault(409, 'nameAlreadyExists', 'An item with the same name already exists under the parent'),
  changed: () =>
    new HttpFault(412, 'resourceModified', "ETag does not match current item's value", {
      inner: 'entityTagDoesNotMatch',
    }),
  quota: () => new HttpFault(507, 'quotaLimitReached', 'Insufficient Space Available'),
  notSupported: (message: string, status = 501) => new HttpFault(status, 'notSupported', message),
  directoryDenied: () =>
    new HttpFault(403, 'Authorization_RequestDenied', 'Insufficient privileges to complete the operation.'),
  directoryNotFound: (what: string) =>
    new HttpFault(
      404,
      'Request_ResourceNotFound',
      `Resource '${what}' does not exist or one of its queried reference-property objects are not present.`,
    ),
} as const;
