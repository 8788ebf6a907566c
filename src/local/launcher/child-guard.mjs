// Loaded before a child's own code (node --import): a child whose parent is gone must not stay behind.
process.on('disconnect', () => process.exit(1));
// The channel alone must not keep a child alive that has finished.
process.channel?.unref();
