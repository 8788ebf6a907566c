import { AppError } from '../errors.ts';

/** Maps what the Azure SDKs throw. The status decides: tables carry their code in different places. */
export function toStorageError(error: unknown, what: string): AppError {
  if (error instanceof AppError) return error;
  const status = statusOf(error);
  const options = { cause: error, detail: `${what}: storage answered ${status ?? 'nothing'}` };
  if (status === 404) return new AppError('not_found', `${what} was not found.`, options);
  if (status === 409) return new AppError('conflict', `${what} already exists.`, options);
  if (status === 412)
    return new AppError('precondition_failed', `${what} was changed by somebody else.`, options);
  if (status === 413) return new AppError('body_too_large', `${what} is too large to be stored.`, options);
  return new AppError(
    'storage_unavailable',
    'The storage account did not answer as expected. Try again shortly.',
    {
      ...options,
      retryable: true,
      retryAfter: 5,
    },
  );
}

/** HTTP status of an Azure SDK error, undefined when no answer came. */
export function statusOf(error: unknown): number | undefined {
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' ? status : undefined;
}
