/** One-way imports, as docs/architecture.md draws them. `npm run lint:boundaries` runs this and its failing twin. */
const { builtinModules } = require('node:module');

const core = '^packages/core/src/';

/** Parts of core, each with what it may import beside itself. */
const parts = {
  verdict: [],
  pgp: ['verdict'],
  policy: ['verdict', 'pgp', 'cosign'],
  application: ['verdict', 'policy'],
  revision: ['verdict'],
  helm: ['verdict', 'pgp', 'revision'],
  report: ['verdict', 'policy', 'pgp', 'application', 'cosign'],
  cosign: ['verdict'],
  oci: ['verdict', 'helm', 'revision', 'cosign'],
};

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'core-knows-no-host',
      comment:
        'core holds no Kubernetes, Express, React or file access; what tells IP addresses apart lies in node:net',
      severity: 'error',
      from: { path: core, pathNot: `${core}policy/go-url\\.ts$` },
      to: {
        path: [
          'node_modules/(express|react|react-dom|undici|pino|@kubernetes)/',
          '^(node:)?(fs|fs/promises|http|https|net|sqlite|child_process)$',
        ],
      },
    },
    {
      name: 'core-imports-no-package-of-ours',
      severity: 'error',
      from: { path: core },
      to: { path: '^(packages/(server|ui-extension)|apps)/' },
    },
    ...Object.entries(parts).map(([part, allowed]) => ({
      name: `core-${part}-one-way`,
      severity: 'error',
      from: { path: `${core}${part}/` },
      to: { path: core, pathNot: [part, ...allowed].map((p) => `${core}${p}/`).concat(`${core}ports\\.ts$`) },
    })),
    {
      name: 'contract-is-for-browsers',
      comment: 'whatever contract.ts reaches runs in the tab',
      severity: 'error',
      from: { path: `${core}contract\\.ts$` },
      to: {
        reachable: true,
        path: [
          `^(node:)?(${builtinModules.join('|')})$`,
          'node_modules/(openpgp|yaml|js-yaml|tar-stream|minimatch|semver)/',
        ],
      },
    },
    {
      name: 'ui-imports-only-the-contract',
      severity: 'error',
      from: { path: '^packages/ui-extension/src/' },
      to: { path: '^packages/(core|server)/', pathNot: `${core}contract\\.ts$` },
    },
    {
      name: 'server-uses-the-barrel-of-core',
      severity: 'error',
      from: { path: '^packages/server/src/' },
      to: { path: core, pathNot: `${core}(index|contract)\\.ts$` },
    },
    {
      name: 'sources-import-no-tests',
      severity: 'error',
      from: { path: '^packages/[^/]+/src/' },
      to: { path: '/(test|stories|bench)/' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|\\.demo|lint-fixtures)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.json'],
    },
  },
};
