import type { Handler } from '../../api/http.ts';
import { routeParameter } from '../../api/http.ts';
import { AppError } from '../../errors.ts';
import { findAsset } from '../assets/assets.ts';
import { contentSecurityPolicy } from '../render-page.tsx';

/** `GET /assets/{file}`: the style sheet and the logo. Their names change with their content, so they may be kept. */
export const asset: Handler = async (request) => {
  const found = findAsset(routeParameter(request, 'file'));
  if (!found) throw new AppError('not_found', 'There is no such file. Reload the page that named it.');
  return {
    status: 200,
    headers: {
      'content-type': found.contentType,
      'cache-control': 'public, max-age=31536000, immutable',
      'content-security-policy': contentSecurityPolicy,
      'cross-origin-resource-policy': 'same-origin',
      'x-content-type-options': 'nosniff',
    },
    body: found.body,
  };
};
