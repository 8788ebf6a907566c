import type { Exchange } from '../../http/route.ts';
import { requireFiles, SITES_READ } from '../access/permission-names.ts';
import {
  decode,
  findDrive,
  findSite,
  isRootSite,
  requireMe,
  requireUser,
  tokenOf,
} from '../addressing/find-drive.ts';
import { drivePath, graphPath, sitePath, userPath } from '../addressing/item-paths.ts';
import type { Drive } from '../drives/drive.ts';
import { faults } from '../errors.ts';
import type { GraphContext } from '../graph-context.ts';
import { driveJson } from '../render/drive-answer.ts';
import { contextUrl } from '../render/item-answer.ts';
import { type GraphRoute, graphRoute } from '../wire/graph-route.ts';
import { odata } from '../wire/reply.ts';

const ANY_FILES = [
  'Files.Read',
  'Files.ReadWrite',
  'Files.Read.All',
  'Files.ReadWrite.All',
  'Sites.Selected',
  ...SITES_READ,
];

/** Drives: one, those of a person, those of a site. */
export function driveRoutes(context: GraphContext): GraphRoute[] {
  const list = (exchange: Exchange, drives: readonly Drive[], what: string) => {
    const token = tokenOf(exchange);
    requireFiles(token, ANY_FILES);
    const visible = drives.filter((drive) => context.rights.onDrive(token, drive, 'read'));
    if (drives.length > 0 && visible.length === 0) throw faults.denied();
    const value = visible.map((drive) => driveJson(context, drive));
    return odata(200, { '@odata.context': contextUrl(exchange, what), value });
  };

  return [
    graphRoute({
      method: 'GET',
      path: drivePath(),
      display: '/{drive}',
      summary: 'A drive and its quota',
      contract: '2.1',
      units: 1,
      handle(exchange) {
        const token = tokenOf(exchange);
        requireFiles(token, ANY_FILES);
        const drive = findDrive(context, exchange);
        if (!context.rights.onDrive(token, drive, 'read')) throw faults.denied();
        return odata(200, {
          '@odata.context': contextUrl(exchange, 'drives/$entity'),
          ...driveJson(context, drive),
        });
      },
    }),
    graphRoute({
      method: 'GET',
      path: graphPath('/me/drives'),
      display: '/me/drives',
      summary: 'The drives of the signed-in person',
      contract: '2.1',
      units: 2,
      handle: (exchange) =>
        list(exchange, [context.drives.ofUser(requireMe(context, tokenOf(exchange)))], 'drives'),
    }),
    graphRoute({
      method: 'GET',
      path: userPath('/drives'),
      display: '/users/{user}/drives',
      summary: 'The drives of a person',
      contract: '2.1',
      units: 2,
      handle: (exchange) => {
        const user = requireUser(context, tokenOf(exchange), decode(exchange.params.user ?? ''));
        return list(exchange, [context.drives.ofUser(user)], 'drives');
      },
    }),
    graphRoute({
      method: 'GET',
      path: sitePath('/drives'),
      display: '/sites/{site}/drives',
      summary: 'The document libraries of a site',
      contract: '2.1',
      units: 2,
      handle: (exchange) => {
        // The root site holds no library here.
        if (isRootSite(context, tokenOf(exchange), exchange.params)) return list(exchange, [], 'drives');
        const site = findSite(context, tokenOf(exchange), exchange.params);
        const drives = context.drives.ofSite(site);
        const { bigDriveId } = context.directory.data.main;
        return list(
          exchange,
          drives.filter((drive) => drive.id !== bigDriveId || context.options.items > 0),
          'drives',
        );
      },
    }),
  ];
}
