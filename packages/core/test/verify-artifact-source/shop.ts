import { toSource } from '../../src/application/source.ts';
import type { TrustRoot } from '../../src/cosign/trust-root.ts';
import { verifyArtifact } from '../../src/cosign/verify-artifact.ts';
import type { Judgement } from '../../src/judgement.ts';
import { collectRegistrySource } from '../../src/oci/collect-source.ts';
import { AuthorizationCache } from '../../src/oci/token.ts';
import { type Keyring, readKeyring } from '../../src/pgp/keyring.ts';
import { parsePolicy } from '../../src/policy/parse-policy.ts';
import type { SourceReport } from '../../src/report/report.ts';
import type { SignatureTrust, TrustEntries } from '../../src/signature-requirement.ts';
import { problem } from '../../src/verdict/catalogue.ts';
import type { Digest } from '../../src/verdict/verdict.ts';
import { verifySource } from '../../src/verify-source.ts';
import { FakeSigstore, type Json, LATER, simpleSigning, statement } from '../cosign/fake-sigstore.ts';
import { keyPair } from '../cosign/certificates.ts';
import { sigstore } from '../cosign/world.ts';
import { archiveOf, chartYaml } from '../helm/chart-archives.ts';
import { armor, clearSigned, FLAG, Key, packet, primaryKey, subpackets, TAG, userId, join } from '../pgp/workshop.ts';
import {
  type Descriptor,
  type FakeOptions,
  FakeRegistry,
  image,
  index,
  OCI_INDEX,
  REGISTRY,
} from '../oci/registry-fake.ts';

export { REGISTRY };
export const RELEASE = keyPair();
export const STRANGER = keyPair();
export const WIDE = keyPair('P-384');

const EMPTY = 'application/vnd.oci.empty.v1+json';
const TGZ = 'application/vnd.oci.image.layer.v1.tar+gzip';
const BUNDLE = 'application/vnd.dev.sigstore.bundle.v0.3+json';
const SIMPLE_SIGNING = 'application/vnd.dev.cosign.simplesigning.v1+json';
const HELM_CONFIG = 'application/vnd.cncf.helm.config.v1+json';
export const CHART = 'application/vnd.cncf.helm.chart.content.v1.tar+gzip';
const PROVENANCE = 'application/vnd.cncf.helm.chart.provenance.v1.prov';

/** Trusted by no policy but where one names it. */
const elsewhere = new FakeSigstore();

export const KEYS: TrustEntries = {
  entries: new Map([
    ['release', RELEASE.pem],
    ['stranger', STRANGER.pem],
    ['wide', WIDE.pem],
    ['broken', '-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n'],
  ]),
};
const ROOTS: TrustEntries = {
  entries: new Map([
    ['acme', JSON.stringify(sigstore.trustedRoot())],
    ['elsewhere', JSON.stringify(elsewhere.trustedRoot())],
    ['broken', '{'],
  ]),
};

const MADE = 1_735_689_600;
const pgp = new Key(MADE);
const certificate = userId(pgp, 'Release <release@acme.test>', {
  hashed: [subpackets.created(MADE), subpackets.keyFlags(FLAG.certify | FLAG.sign)],
});
const keyring = readKeyring(
  [
    {
      name: pgp.hex.slice(-16),
      bytes: Buffer.from(armor('PGP PUBLIC KEY BLOCK', join(primaryKey(pgp), certificate))),
    },
  ],
  'argocd',
);
export const PGP_FINGERPRINT = pgp.hex;

/** A registry with the artifacts of a shop, and everything that they are judged by. */
export class Shop {
  readonly registry: FakeRegistry;
  /** How often the public-good root was asked for. */
  publicGoodAsked = 0;
  readonly #referrers = new Map<string, Descriptor[]>();

  constructor(options: FakeOptions = {}) {
    this.registry = new FakeRegistry(options);
  }

  /** An artifact that is no chart. */
  artifact(name: string, tag: string, content = `content of ${tag}`): Digest {
    const { registry } = this;
    return registry.push(name, image(registry.blob('{}', EMPTY), [registry.blob(content, TGZ)]), tag).digest;
  }

  /** A chart as `helm push` leaves it; `as` is the tag where that is another than its version. */
  async chart(
    name: string,
    version: string,
    options: { readonly as?: string; readonly provenance?: boolean; readonly configType?: string } = {},
  ): Promise<Digest> {
    const { registry } = this;
    const chart = name.split('/').at(-1) ?? '';
    const metadata = chartYaml(chart, version);
    const layer = registry.blob(await archiveOf([[`${chart}/Chart.yaml`, metadata]]), CHART);
    const config = registry.blob(
      JSON.stringify({ apiVersion: 'v2', name: chart, version }),
      options.configType ?? HELM_CONFIG,
    );
    const text = `${metadata}\n...\nfiles:\n  ${chart}-${version}.tgz: ${layer.digest}\n`;
    const layers = options.provenance === true ? [layer, registry.blob(provenanceOf(text), PROVENANCE)] : [layer];
    return registry.push(name, image(config, layers), options.as ?? version.replace('+', '_')).digest;
  }

  /** Puts a bundle beside an artifact, as cosign 3 does. */
  bundle(name: string, digest: Digest, bundle: Json): void {
    const { registry } = this;
    const layer = registry.blob(JSON.stringify(bundle), BUNDLE);
    const manifest = image(registry.blob('{}', EMPTY), [layer], { artifactType: BUNDLE });
    this.referrer(name, digest, { ...registry.push(name, manifest), artifactType: BUNDLE });
  }

  referrer(name: string, digest: Digest, descriptor: Descriptor): void {
    const known = [...(this.#referrers.get(`${name}@${digest}`) ?? []), descriptor];
    this.#referrers.set(`${name}@${digest}`, known);
    this.registry.push(name, index(known), digest.replace(':', '-'), OCI_INDEX);
  }

  /** Puts legacy signatures beside an artifact, as cosign 2 does. */
  legacy(name: string, digest: Digest, ...signed: readonly ReturnType<FakeSigstore['legacy']>[]): void {
    const { registry } = this;
    const layers = signed.map(({ content, annotations }) => registry.blob(content, SIMPLE_SIGNING, { ...annotations }));
    registry.push(name, image(registry.blob('{}', EMPTY), layers), `${digest.replace(':', '-')}.sig`);
  }

  /** Signs by `release` without a log, as a bundle with these annotations. */
  sign(name: string, digest: Digest, annotations: Readonly<Record<string, string>> = {}): void {
    this.bundle(name, digest, sigstore.bundle(subject(digest, annotations), { by: RELEASE, log: 'none' }));
  }

  /** Looks at `name`, of which `cosign` is asked. */
  cosign(name: string, cosign: object, asked: Partial<Asked> = {}): Promise<SourceReport> {
    return this.verify({ repoURL: `oci://${REGISTRY}/${name}`, targetRevision: '1.0.0', ...asked }, [asking(cosign)]);
  }

  /** Looks at a source, of which the entries of project and baseline ask. */
  verify(
    asked: Asked,
    project: readonly object[],
    baseline: readonly object[] | null = null,
    unmatched: 'allow' | 'deny' = 'allow',
  ): Promise<SourceReport> {
    return this.verifyUnder(asked, {
      'all-projects': JSON.stringify({ unmatched, ...lists(baseline ?? []) }),
      'project.shop': JSON.stringify(lists(project)),
    });
  }

  /** Looks at a source of `project`, under the data of argocd-source-integrity-cm. */
  async verifyUnder(
    {
      repoURL,
      chart = '',
      targetRevision,
      revision,
      observe = false,
      keys = KEYS,
      roots = ROOTS,
      root = 'acme',
      now = LATER,
      project = 'shop',
      keyring: pgpKeys = keyring,
      collectChart = () => Promise.reject(new Error('no chart over HTTP')),
    }: Asked,
    data: Readonly<Record<string, string>>,
  ): Promise<SourceReport> {
    const fields = { repoURL, chart, targetRevision, path: '', ref: '', name: '', helm: null };
    const source = toSource(fields, 0, () => false);
    const planned = { source, revision: revision ?? targetRevision, pinned: false, concerns: [] };
    const judgement: Judgement = {
      project,
      argocdNamespace: 'argocd',
      policy: parsePolicy(data),
      keyring: await pgpKeys,
      signatureTrust: this.#trust(keys, roots, root),
      now,
      exempt: false,
      operation: revision !== undefined,
      observe,
      collectChart,
      collectRegistrySource: (planned, signatureRepositories) =>
        collectRegistrySource({
          repoURL,
          chart: source.chart,
          targetRevision: planned.revision,
          signatureRepositories,
          registry: this.registry.access({ authorizations: new AuthorizationCache() }),
          accessTo: () => this.registry.access(),
          now,
        }),
      verifySignatures: ({ artifact, discovered: { candidates, searched }, requirement }) =>
        Promise.resolve(verifyArtifact(artifact, candidates, searched, requirement, now)),
      otherBytes: () => Promise.resolve([]),
      otherArtifacts: () => Promise.resolve([]),
      hasCredentials: () => false,
      isPlainHttp: () => false,
    };
    return verifySource(planned, judgement);
  }

  #trust(cosignKeys: TrustEntries, trustRoots: TrustEntries, root: 'acme' | 'none' | TrustRoot): SignatureTrust {
    return {
      cosignKeys,
      trustRoots,
      publicGood: () => {
        this.publicGoodAsked += 1;
        return Promise.resolve(
          root === 'none'
            ? { problem: problem('trust-root-missing', {}) }
            : { trustRoot: root === 'acme' ? sigstore.trustRoot() : root, warnings: [] },
        );
      },
    };
  }
}

export interface Asked {
  readonly repoURL: string;
  readonly chart?: string;
  readonly targetRevision: string;
  /** Of an operation. */
  readonly revision?: string;
  readonly observe?: boolean;
  readonly keys?: TrustEntries;
  readonly roots?: TrustEntries;
  /** What the public-good root is. */
  readonly root?: 'acme' | 'none' | TrustRoot;
  readonly now?: Date;
  readonly project?: string;
  readonly keyring?: Promise<Keyring>;
  readonly collectChart?: Judgement['collectChart'];
}

const everything = [{ url: `${REGISTRY}/*` }, { url: `oci://${REGISTRY}/*` }];

/** An entry for artifacts. */
export function asking(cosign: object): object {
  return { repos: [{ url: `oci://${REGISTRY}/*` }], cosign: { mode: 'signature', ...cosign } };
}

/** An entry for charts. */
export function provenanceBy(...keys: readonly string[]): object {
  return { repos: everything, gpg: { mode: 'provenance', keys } };
}

function lists(entries: readonly object[]): object {
  const of = (field: string): object => ({ policies: entries.filter((entry) => field in entry) });
  return { helm: of('gpg'), oci: of('cosign') };
}

/** A statement about an artifact. */
export function subject(digest: Digest, annotations: Readonly<Record<string, string>> = {}): string {
  return statement((each) => {
    each['subject'] = [{ digest: { sha256: digest.slice(7) }, annotations }];
  });
}

/** A legacy payload about an artifact. */
export function payload(digest: Digest, reference = `${REGISTRY}/elsewhere`): string {
  return simpleSigning((each) => {
    each['critical'] = {
      identity: { 'docker-reference': reference },
      image: { 'docker-manifest-digest': digest },
      type: 'cosign container image signature',
    };
  });
}

function provenanceOf(text: string): Buffer {
  return Buffer.from(
    clearSigned(text, (signed) =>
      packet(TAG.signature, pgp.signature(1, signed, { hashed: [subpackets.created(MADE + 86_400)] })),
    ),
  );
}

/** The status, with the code of the first problem where there is one. */
export function outcome({ verdict }: SourceReport): string {
  return 'problems' in verdict ? `${verdict.status} ${verdict.problems[0].code}` : verdict.status;
}

/** Whether the sync goes on. */
export function action({ decision }: SourceReport): string {
  return decision.action;
}
