import { notIncluded, permissionWords } from '../words/permission-words.ts';
import { Icon } from './icon.tsx';
import type { View } from './view.ts';

/** Permissions in plain words, with Microsoft's own names under them. */
export function PermissionList({ permissions }: { permissions: readonly string[] }): View {
  return (
    <ul class="points">
      {permissions.map(permissionWords).map(({ name, allows }) => (
        <li>
          <span class="yes">
            <Icon shape="check" />
          </span>
          <span>
            {allows ??
              'Microsoft explains this permission on the next page; we have no plainer words for it.'}
            <span class="raw">{name}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}

/** What these permissions certainly don't give; nothing where that is not certain. */
export function NotIncluded({ permissions }: { permissions: readonly string[] }): View | null {
  const sentences = notIncluded(permissions);
  if (sentences.length === 0) return null;
  return (
    <div class="stack">
      <h2>What it does not get</h2>
      <ul class="points">
        {sentences.map((sentence) => (
          <li>
            <span class="no">
              <Icon shape="cross" />
            </span>
            <span>{sentence}</span>
          </li>
        ))}
      </ul>
    </div>
  );
}
