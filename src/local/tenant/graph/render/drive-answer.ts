import type { Drive } from '../drives/drive.ts';
import type { GraphContext } from '../graph-context.ts';

/** A drive as the API shows it. */
export function driveJson(context: GraphContext, drive: Drive): Record<string, unknown> {
  const used = drive.used();
  const { quota } = drive.mood;
  const remaining = Math.max(0, quota - used);
  const share = remaining / quota;
  const state = share <= 0 ? 'exceeded' : share < 0.01 ? 'critical' : share < 0.1 ? 'nearing' : 'normal';
  const owner = context.directory.data.users.find((user) => user.id === drive.ownerId);
  const site = context.directory.data.sites.find((one) => one.id === drive.siteId);
  return {
    createdDateTime: `${new Date(drive.createdAt).toISOString().slice(0, 19)}Z`,
    description: '',
    id: drive.id,
    lastModifiedDateTime: `${new Date(drive.root().modified).toISOString().slice(0, 19)}Z`,
    name: drive.name,
    webUrl: drive.webUrl,
    driveType: drive.type,
    createdBy: { user: { displayName: 'System Account' } },
    owner: owner
      ? { user: { email: owner.mail, id: owner.id, displayName: owner.displayName } }
      : { group: { displayName: `${site?.displayName ?? drive.name} Owners` } },
    quota: { deleted: 0, remaining, state, total: quota, used },
  };
}
