#!/usr/bin/env node
// Plain JavaScript, so that a Node that can't run TypeScript still says what to do.
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  console.error(
    `graph-valet needs Node 22.18 or newer, and this is ${process.versions.node}. In the repository, "npx graph-valet" brings its own.`,
  );
  process.exit(1);
}
const { main } = await import('./main.ts');
await main();
