import { describe, expect, it } from 'vitest';
import { lintPolicy } from '../../src/policy/lint.ts';
import { action, outcome } from '../verify-artifact-source/shop.ts';
import { look, policiesOf, type Published, withOwnKey } from './publication.ts';

const CHARTS: readonly Published[] = [
  {
    section: 'argo-helm',
    repoURL: 'ghcr.io/argoproj/argo-helm',
    chart: 'argo-cd',
    version: '9.1.4',
    pgp: 'argo-helm',
    signers: ['pgp'],
  },
  {
    section: 'prometheus-community',
    repoURL: 'https://prometheus-community.github.io/helm-charts',
    chart: 'kube-prometheus-stack',
    version: '79.5.0',
    pgp: 'prometheus-community',
    signers: ['pgp'],
  },
  {
    section: 'GitLab',
    repoURL: 'https://charts.gitlab.io',
    chart: 'gitlab',
    version: '9.6.1',
    pgp: 'gitlab',
    signers: ['pgp'],
  },
  {
    section: 'Grafana',
    repoURL: 'https://grafana.github.io/helm-charts',
    chart: 'grafana',
    version: '10.1.4',
    pgp: 'grafana',
    signers: ['pgp'],
  },
  {
    section: 'cert-manager',
    repoURL: 'quay.io/jetstack/charts',
    chart: 'cert-manager',
    version: 'v1.19.1',
    pgp: 'cert-manager',
    signers: ['pgp', 'cosign-key'],
  },
  keyless('Kyverno', 'ghcr.io/kyverno/charts', 'kyverno', '3.6.0'),
  keyless('podinfo', 'ghcr.io/stefanprodan/charts', 'podinfo', '6.9.4'),
  keyless('Flagger', 'ghcr.io/fluxcd/charts', 'flagger', '1.42.0'),
  keyless('bjw-s app-template', 'ghcr.io/bjw-s-labs/helm', 'app-template', '4.4.0'),
  keyless('external-secrets', 'ghcr.io/external-secrets/charts', 'external-secrets', '1.0.0'),
];

const ISTIO: Published = {
  section: 'Istio',
  repoURL: 'https://istio-release.storage.googleapis.com/charts',
  chart: 'base',
  version: '1.28.0',
  pgp: null,
  signers: [],
};

function keyless(section: string, repoURL: string, chart: string, version: string): Published {
  return { section, repoURL, chart, version, pgp: null, signers: ['keyless'] };
}

describe.each(CHARTS)('$section, under the policy that docs/well-known-charts.md prints', (published) => {
  const [printed = {}, ...others] = policiesOf(published.section);

  it('is one policy without an error', () => {
    expect(others).toEqual([]);
    expect(lintPolicy(printed, new Date('2026-11-01T00:00:00Z')).errors).toEqual([]);
  });

  it('is verified', async () => {
    const report = await look(published, await withOwnKey(printed, published));
    expect([outcome(report), action(report)]).toEqual(['verified', 'allow']);
    const { verdict } = report;
    const signers = 'signers' in verdict ? verdict.signers.map(({ kind }) => kind) : [];
    expect(signers.toSorted()).toEqual(published.signers.toSorted());
  });

  it('is refused once its bytes were changed, though every signature lies beside it', async () => {
    const report = await look(published, await withOwnKey(printed, published), 'changed');
    expect(outcome(report)).toBe(
      published.pgp === null ? 'failed signed-other-artifact' : 'failed chart-digest-mismatch',
    );
    expect(action(report)).toBe('deny');
  });

  it('is refused by the keys that are printed, or by workflows of another issuer', async () => {
    const strange = Object.fromEntries(
      Object.entries(printed).map(([key, text]) => [key, text.replaceAll('githubusercontent.com', 'example.com')]),
    );
    const report = await look(published, strange);
    expect(outcome(report)).toBe(published.pgp === null ? 'failed issuer-mismatch' : 'failed signer-not-trusted');
    expect(action(report)).toBe('deny');
  });
});

describe('Istio, under the policies that docs/well-known-charts.md prints', () => {
  const [asking = {}, excepting = {}] = policiesOf('Istio');

  it('is refused as unsigned by an entry that asks for a signature', async () => {
    const report = await look(ISTIO, asking);
    expect([outcome(report), action(report)]).toEqual(['unsigned provenance-missing', 'deny']);
  });

  it('is let through by the exception, which lets nothing else through', async () => {
    expect(await look(ISTIO, excepting)).toMatchObject({
      verdict: { status: 'not-required', reason: 'mode-none' },
      decision: { action: 'allow' },
    });
    const [other] = CHARTS;
    if (other !== undefined) expect(action(await look(other, excepting))).toBe('deny');
  });
});
