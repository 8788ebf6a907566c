// Plain JavaScript on purpose: it runs on whatever Node is at hand and says so when that is too old.
const major = Number(process.versions.node.split('.')[0]);
if (major < 22 || (major === 22 && Number(process.versions.node.split('.')[1]) < 18)) {
  console.error(
    `Graph Valet needs Node 22.18 or newer, and this is ${process.versions.node}.\n` +
      'It brings its own Node 24 as an optional package; that package is missing.\n' +
      'Next step: run "npm install" (without --omit=optional), or install Node 24.',
  );
  process.exit(1);
}
