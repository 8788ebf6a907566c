import type { GraphClient } from '../graph/graph-client.ts';

/** The client, with the number of calls that went through it so far. */
export function countedClient(client: GraphClient): { client: GraphClient; calls(): number } {
  let calls = 0;
  return {
    calls: () => calls,
    client: {
      call: (call) => {
        calls += 1;
        return client.call(call);
      },
      download: (path) => {
        calls += 1;
        return client.download(path);
      },
      preauthenticated: (call) => {
        calls += 1;
        return client.preauthenticated(call);
      },
    },
  };
}
