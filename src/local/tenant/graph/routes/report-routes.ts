import type { Exchange, Reply, Route } from '../../http/route.ts';
import { checkNoToken } from '../access/guards.ts';
import { requireDirectory } from '../access/permission-names.ts';
import { requireMe, tokenOf } from '../addressing/find-drive.ts';
import { graphPath } from '../addressing/item-paths.ts';
import type { Drive } from '../drives/drive.ts';
import { faults } from '../errors.ts';
import type { GraphContext } from '../graph-context.ts';
import { hashText } from '../seed/hash32.ts';
import { type GraphRoute, graphRoute } from '../wire/graph-route.ts';

const PERIODS = ['D7', 'D30', 'D90', 'D180'];
const LIFE_MS = 10 * 60_000;

/** Usage reports: a redirect to a CSV at another host. */
export function reportRoutes(context: GraphContext): { graph: GraphRoute[]; files: Route[] } {
  const start =
    (kind: string) =>
    (exchange: Exchange): Reply => {
      const token = tokenOf(exchange);
      requireDirectory(token, ['Reports.Read.All']);
      const { period, date } = exchange.params;
      if (date === undefined && !PERIODS.includes(period ?? '')) {
        throw faults.badRequest(`Invalid period value specified: ${period}.`);
      }
      const age = date === undefined ? 0 : (context.clock() - Date.parse(date)) / 86_400_000;
      if (!(age >= 0 && age <= 31)) throw faults.badRequest(`Invalid date value specified: ${date}.`);
      if (token.kind === 'user' && !requireMe(context, token).admin) throw faults.directoryDenied();
      const tag = `"${kind}-${date ?? period}-${new Date(context.clock()).toISOString().slice(0, 10)}"`;
      if (exchange.headers['if-none-match'] === tag) return { status: 304, headers: { etag: tag } };
      const what = `report ${kind} ${token.tenantId} ${date ?? period}`;
      const pass = context.passes.sign({ what, drive: '', item: '', expires: context.clock() + LIFE_MS });
      const location = `${exchange.urls.files}/data/download/${pass}`;
      return { status: 302, headers: { location, etag: tag } };
    };
  const route = (name: string, kind: string) =>
    graphRoute({
      method: 'GET',
      path: graphPath(
        `/reports/(?:microsoft\\.graph\\.)?${name}\\((?:period='(?<period>[^']*)'|date=(?<date>\\d{4}-\\d{2}-\\d{2}))\\)`,
      ),
      display: `/reports/${name}(period='D7')`,
      summary: 'A usage report as CSV, by redirect',
      contract: '8',
      strict:
        'Reports.Read.All, and an administrator when a person asks; periods, dates of 30 days; names concealed by a switch',
      handle: start(kind),
    });
  return {
    graph: [
      route('getOneDriveUsageAccountDetail', 'onedrive'),
      route('getSharePointSiteUsageDetail', 'sharepoint'),
    ],
    files: [
      {
        listener: 'files',
        method: 'GET',
        path: '/data/download/:pass',
        summary: 'The CSV of a usage report',
        contract: '8',
        strict: 'no token; expires',
        handle(exchange) {
          const { params } = exchange;
          checkNoToken(context, exchange);
          const pass = context.passes.read(params.pass ?? '');
          if (pass === undefined || pass === 'expired') throw faults.notFound();
          const [, kind = '', tenantId = '', period = ''] = pass.what.split(' ');
          const body = Buffer.from(`\ufeff${usage(context, kind, tenantId, period)}`);
          return { status: 200, headers: { 'content-type': 'application/octet-stream' }, body };
        },
      },
    ],
  };
}

function usage(context: GraphContext, kind: string, tenantId: string, period: string): string {
  const today = new Date(context.clock() - 2 * 86_400_000).toISOString().slice(0, 10);
  const conceal = (text: string) =>
    context.switches.concealedNames ? hashText(text).toString(16).toUpperCase().padStart(32, '0') : text;
  const drives = context.drives
    .all()
    .filter((drive) => drive.tenantId === tenantId && (drive.type === 'business') === (kind === 'onedrive'));
  const lines = drives.map((drive) => {
    const owner = context.directory.data.users.find((user) => user.id === drive.ownerId);
    const site = kind === 'sharepoint' ? [drive.siteId?.split(',')[1] ?? ''] : [];
    const pages = kind === 'sharepoint' ? ['0', '0'] : [];
    const url = drive.webUrl.slice(0, drive.webUrl.lastIndexOf('/'));
    return [
      ...[today, ...site, conceal(url), conceal(owner?.displayName ?? 'Owners'), 'False', today],
      ...[String(countFiles(drive)), '0', ...pages, String(drive.used()), String(drive.mood.quota)],
      ...(kind === 'sharepoint' ? ['Team Site'] : []),
      ...[conceal(owner?.upn ?? ''), period.replace('D', '')],
    ];
  });
  const header =
    kind === 'onedrive'
      ? [
          'Report Refresh Date',
          'Site URL',
          'Owner Display Name',
          'Is Deleted',
          'Last Activity Date',
          'File Count',
          'Active File Count',
          'Storage Used (Byte)',
          'Storage Allocated (Byte)',
          'Owner Principal Name',
          'Report Period',
        ]
      : [
          'Report Refresh Date',
          'Site Id',
          'Site URL',
          'Owner Display Name',
          'Is Deleted',
          'Last Activity Date',
          'File Count',
          'Active File Count',
          'Page View Count',
          'Visited Page Count',
          'Storage Used (Byte)',
          'Storage Allocated (Byte)',
          'Root Web Template',
          'Owner Principal Name',
          'Report Period',
        ];
  return [header, ...lines].map((line) => line.join(',')).join('\r\n');
}

function countFiles(drive: Drive): number {
  let files = 0;
  for (let place = 0; place < drive.items.places; place += 1)
    if (drive.items.at(place)?.kind === 'file') files += 1;
  return files;
}
