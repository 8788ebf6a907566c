import type { Directory } from '../../directory/directory.ts';
import type { Actor } from '../drives/item-record.ts';

/** JSON of identity sets, with names and addresses from the directory; remembers what it wrote. */
export function createIdentityWriter(directory: Directory): (actor: Actor) => string {
  const known = new Map<string, string>();
  const seen = new WeakMap<Actor, string>();
  const writeActor = (actor: Actor): string => {
    const key = `${actor.userId ?? ''} ${actor.appId ?? ''}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const json = JSON.stringify(identityOf(directory, actor));
    known.set(key, json);
    return json;
  };
  return (actor) => {
    const json = seen.get(actor) ?? writeActor(actor);
    seen.set(actor, json);
    return json;
  };
}

/** An identity set as the API shows it. */
export function identityOf(directory: Directory, actor: Actor): Record<string, object> {
  const user =
    actor.userId === undefined ? undefined : directory.data.users.find(({ id }) => id === actor.userId);
  const app = actor.appId === undefined ? undefined : directory.application(actor.appId);
  const set: Record<string, object> = {};
  if (actor.appId !== undefined)
    set.application = { id: actor.appId, displayName: app?.displayName ?? 'Application' };
  if (user) set.user = { email: user.mail, id: user.id, displayName: user.displayName };
  else if (actor.userId === undefined && actor.appId === undefined)
    set.user = { displayName: 'System Account' };
  return set;
}
