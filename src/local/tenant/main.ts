import { readCliOptions, usage } from './cli-options.ts';
import { describeTenant } from './describe.ts';
import { startProxy } from './http/proxy.ts';
import { createTenant } from './tenant.ts';

const options = (() => {
  try {
    return readCliOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${error instanceof Error ? error.message : error}\nSee --help.`);
    return process.exit(2);
  }
})();
if (options.help) {
  console.log(usage);
  process.exit(0);
}

const tenant = await createTenant(options.tenant);
const urls = await tenant.start();
const proxy =
  options.tenant.proxyPort === undefined ? undefined : await startProxy(options.tenant.proxyPort, urls);

let stopping = false;
const stop = async () => {
  if (stopping) return;
  stopping = true;
  await proxy?.stop();
  await tenant.stop();
  process.exit(0);
};
process.on('SIGINT', stop);
process.on('SIGTERM', stop);

const facts = describeTenant(tenant, urls, { items: options.tenant.items ?? 0, proxyUrl: proxy?.url });
console.log(options.json ? JSON.stringify(facts) : inWords());

function inWords(): string {
  const people = [...facts.users, ...facts.partner.users, ...facts.personal.users].map(
    (user) => `    ${user.upn.padEnd(34)} ${user.password}${user.admin ? '   administrator' : ''}`,
  );
  return `
A local Microsoft 365 runs. Ctrl-C stops it.

  Sign-in     ${facts.loginUrl}   (pages for a browser: ${facts.pagesUrl})
  Graph       ${facts.graphUrl}/v1.0
  Key Vault   ${facts.vaultUrl}
  Control     ${facts.controlUrl}/control/calls${facts.proxyUrl ? `\n  Proxy       ${facts.proxyUrl}   (HTTPS_PROXY, for clients that use Microsoft's host names)` : ''}
  Authority   ${facts.caFile}   (NODE_EXTRA_CA_CERTS)

  Tenant ${facts.tenantId}, client ${facts.clientId}, its secret ${facts.clientSecret}

  Who can sign in, and the password:
${people.join('\n')}

  A token for Graph, as the app:

    curl -s --cacert ${facts.caFile} ${facts.loginUrl}/${facts.tenantId}/oauth2/v2.0/token -d client_id=${facts.clientId} \\
      --data-urlencode 'client_secret=${facts.clientSecret}' -d grant_type=client_credentials -d scope=https://graph.microsoft.com/.default
`;
}
