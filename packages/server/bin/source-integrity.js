#!/usr/bin/env node
const [major = 0] = process.versions.node.split('.').map(Number);
if (major < 24) {
  process.stderr.write(
    `source-integrity needs Node 24 or later, and this is ${process.version}. Run it as \`npx source-integrity\`, which brings its own.\n`,
  );
  process.exit(64);
}
await import('../dist/cli.js');
