import ipaddr from 'ipaddr.js';
import { choice, type Command, EXIT, flag, type OptionValues, text, texts, UsageError } from '../command.ts';
import { breakGlass } from './install-break-glass.ts';
import { type ApplicationName, type Installation, renderManifests } from './install-manifests.ts';
import { renderRegistration } from './install-registration.ts';
import { renderVerifiedPull, VERIFIED_PULL_FORMS } from './install-verified-pull.ts';

export const install: Command = {
  words: ['install'],
  synopsis: '--print | --print-registration | --print-verified-pull <form> | --print-break-glass <namespace>/<name>',
  operands: [],
  summary: 'Prints what belongs into the cluster, to be read and applied. It changes nothing and asks nobody.',
  usage: [
    '--print                        all manifests, for kubectl apply --server-side -f -',
    "--print-registration           commands that change Argo CD's own configuration, for sh",
    "--print-verified-pull kubectl|helm-values|removal  commands that put the guard before the repo-server's Helm, for",
    "                               sh; values for Argo CD's own Helm chart; or the commands that take it away",
    '--print-break-glass <ns/name>  commands that let one Application through while the server is away, for sh',
    "--namespace <name>             Argo CD's namespace (default argocd)",
    '--warn | --enforce             syncs pass or are refused, also while the server is away (default --warn)',
    '--application-namespaces <a,b> other namespaces with Applications',
    '--image <reference>            your build of deploy/Dockerfile',
    "--api-server-addresses <a/n,b/n>  where kube-apiserver's requests come from: nobody else may ask the webhooks then",
    '--exclude-application <ns/name>  the Application that installs this product, so that it can repair itself',
    '--trust-root-writers <name>... who else may change policy and keys: users, and groups as group:<name>',
    "--verified-pull                with the server's rights for verified pull",
    '--without-policy               without argocd-source-integrity-cm, for an upgrade',
    '--extension-url <url>          of extension.tar.gz, for the standard installer (default: out of the image)',
  ],
  options: {
    print: { type: 'boolean' },
    'print-registration': { type: 'boolean' },
    'print-verified-pull': { type: 'string' },
    'print-break-glass': { type: 'string' },
    namespace: { type: 'string', default: 'argocd' },
    warn: { type: 'boolean' },
    enforce: { type: 'boolean' },
    'application-namespaces': { type: 'string' },
    image: { type: 'string' },
    'api-server-addresses': { type: 'string' },
    'exclude-application': { type: 'string' },
    'trust-root-writers': { type: 'string', multiple: true },
    'verified-pull': { type: 'boolean' },
    'without-policy': { type: 'boolean' },
    'extension-url': { type: 'string' },
  },
  common: false,
  async run({ options, terminal }) {
    const namespace = namespaceName(text(options, 'namespace') ?? '', 'namespace');
    const asked = PRINTABLE.filter((name) => options[name] !== undefined);
    const [what] = asked;
    if (what === undefined || asked.length > 1) {
      throw new UsageError(`One of --${PRINTABLE.join(', --')} is needed.`);
    }
    terminal.out(await printed(what, options, namespace));
    return EXIT.ok;
  },
};

const PRINTABLE = ['print', 'print-registration', 'print-verified-pull', 'print-break-glass'] as const;

async function printed(what: (typeof PRINTABLE)[number], options: OptionValues, namespace: string): Promise<string> {
  switch (what) {
    case 'print':
      return renderManifests(installation(options, namespace));
    case 'print-registration':
      return renderRegistration({ namespace, image: image(options), extensionUrl: url(options) });
    case 'print-verified-pull': {
      const form = choice(options, 'print-verified-pull', VERIFIED_PULL_FORMS);
      return renderVerifiedPull({ form, namespace, image: image(options) });
    }
    case 'print-break-glass':
      return breakGlass(namespace, applicationName(text(options, what) ?? '', what));
  }
}

function installation(options: OptionValues, namespace: string): Installation {
  if (flag(options, 'warn') && flag(options, 'enforce'))
    throw new UsageError('--warn and --enforce exclude each other.');
  const excluded = text(options, 'exclude-application');
  const others = new Set((text(options, 'application-namespaces') ?? '').split(',').filter((name) => name !== ''));
  others.delete(namespace);
  return {
    namespace,
    enforcement: flag(options, 'enforce') ? 'enforce' : 'warn',
    applicationNamespaces: [...others].map((name) => namespaceName(name, 'application-namespaces')),
    image: image(options),
    apiServerAddresses: addresses(options),
    excludedApplication: excluded === undefined ? null : applicationName(excluded, 'exclude-application'),
    trustRootWriters: texts(options, 'trust-root-writers').map(writerName),
    withVerifiedPull: flag(options, 'verified-pull'),
    withPolicy: !flag(options, 'without-policy'),
  };
}

function addresses(options: OptionValues): string[] {
  const given = new Set((text(options, 'api-server-addresses') ?? '').split(',').filter((each) => each !== ''));
  for (const each of given) {
    if (ipaddr.IPv4.isValidCIDRFourPartDecimal(each) || ipaddr.IPv6.isValidCIDR(each)) continue;
    throw new UsageError(
      `--api-server-addresses takes CIDRs such as 10.0.0.1/32, with commas between, and got ${JSON.stringify(each)}.`,
    );
  }
  return [...given];
}

function namespaceName(given: string, option: string): string {
  if (/^[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/.test(given)) return given;
  throw new UsageError(
    `--${option} takes exact names of namespaces, since webhooks select by nothing else, and got ${JSON.stringify(given)}.`,
  );
}

function applicationName(given: string, option: string): ApplicationName {
  const [namespace = '', name = '', ...more] = given.split('/');
  if (more.length > 0 || !/^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/.test(name)) {
    throw new UsageError(
      `--${option} takes <namespace>/<name>, such as argocd/payments, and got ${JSON.stringify(given)}.`,
    );
  }
  return { namespace: namespaceName(namespace, option), name };
}

function image(options: OptionValues): string | null {
  const given = text(options, 'image');
  if (given === undefined) return null;
  if (/^[\w.:/@-]{1,512}$/.test(given)) return given;
  throw new UsageError(
    `--image takes a reference such as registry.example.com/source-integrity:0.1.0, and got ${JSON.stringify(given)}.`,
  );
}

function url(options: OptionValues): string | null {
  const given = text(options, 'extension-url');
  if (given === undefined) return null;
  if (/^https?:\/\/[\w.~:/?#[\]@!&*+,;=%-]+\/extension\.tar\.gz$/.test(given)) return given;
  throw new UsageError(
    `--extension-url takes an address that ends in /extension.tar.gz, with extension_checksums.txt beside it, and got ${JSON.stringify(given)}.`,
  );
}

/** A name that can stand in a CEL string as it is. */
function writerName(given: string): string {
  if (/^[^'"\\\p{C}]{1,253}$/u.test(given)) return given;
  throw new UsageError(`--trust-root-writers takes names without quotes, and got ${JSON.stringify(given)}.`);
}
