import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { Report } from '@source-integrity/core';
import { describe, expect, test } from 'vitest';
import { configMap } from '../cluster/objects.ts';
import { cli, containing, ED25519, folderOf, RSA, type Said, vector } from './command-line.ts';
import { repository } from './repository.ts';

function application(repoURL: string, name = 'payments', rest = ''): string {
  return `apiVersion: argoproj.io/v1alpha1
kind: Application
metadata: {name: ${name}, namespace: argocd}
spec:
  project: team
  destination: {server: https://kubernetes.default.svc, namespace: team}
  source: {repoURL: '${repoURL}', chart: hashtest, targetRevision: 1.2.3}
${rest}`;
}

function armored(file: string): string {
  const lines =
    readFileSync(vector(file))
      .toString('base64')
      .match(/.{1,64}/g) ?? [];
  return ['-----BEGIN PGP PUBLIC KEY BLOCK-----', '', ...lines, '-----END PGP PUBLIC KEY BLOCK-----'].join('\n');
}

interface Cluster {
  readonly url: string;
  readonly policy: string;
  readonly key?: string;
  readonly login?: string;
}

/** A folder of Argo CD's objects with one project, one key and a policy. */
function clusterDir({ url, policy, key = 'rsa2048.gpg', login }: Cluster): string {
  const keyId = key === 'rsa2048.gpg' ? RSA.slice(-16) : ED25519.slice(-16);
  const secret = `apiVersion: v1
kind: Secret
metadata: {name: repository, namespace: argocd, labels: {argocd.argoproj.io/secret-type: repository}}
stringData: {url: '${url}', type: helm, username: '${login?.split(':')[0] ?? ''}', password: '${login?.split(':')[1] ?? ''}'}`;
  return folderOf({
    'project.yaml': `apiVersion: argoproj.io/v1alpha1
kind: AppProject
metadata: {name: team, namespace: argocd}
spec: {sourceRepos: ['${url}']}`,
    'policy.yaml': configMap('argocd-source-integrity-cm', policy),
    'keys.yaml': configMap('argocd-gpg-keys-cm', JSON.stringify({ [keyId]: armored(key) })),
    'secret.yaml': secret,
  });
}

function policyOf(url: string, keys: readonly string[], settings: Readonly<Record<string, string>> = {}): string {
  const entry = { repos: [{ url }], gpg: { mode: 'provenance', keys } };
  return JSON.stringify({ ...settings, 'project.team': JSON.stringify({ helm: { policies: [entry] } }) });
}

async function verify(cluster: string, file: string, ...args: string[]): Promise<Said> {
  const folder = folderOf({ 'application.yaml': file });
  return cli(['verify', 'application', join(folder, 'application.yaml'), '--cluster-dir', cluster, ...args]);
}

describe('an Application in a file', () => {
  test('is judged by the folder, and JSON is a Report', async () => {
    const { url } = await repository();
    const cluster = clusterDir({ url, policy: policyOf(url, [RSA]) });
    const { status, out } = await verify(cluster, application(url));
    expect(status).toBe(0);
    expect(out).toMatch(
      /^verified: A sync of Application argocd\/payments would be allowed\. Chart hashtest 1\.2\.3 is signed by rsa2048/,
    );
    expect(out).toContain('policy      project.team › helm › 1: a provenance file signed by');
    const json = await verify(cluster, application(url), '-o', 'json');
    expect(Report.parse(JSON.parse(json.out))).toMatchObject({ status: 'verified', trigger: 'command-line' });
  });

  test('is refused for a signer whom the policy does not trust, with what to do', async () => {
    const { url } = await repository();
    const { status, out } = await verify(clusterDir({ url, policy: policyOf(url, [ED25519]) }), application(url));
    expect(status).toBe(1);
    expect(out).toMatch(
      /^failed: A sync of Application argocd\/payments would be refused\. Chart hashtest 1\.2\.3 is signed by/,
    );
    expect(out).toContain('to do');
  });

  test('fails under enforcement warn, too, and says that the sync would pass', async () => {
    const { url } = await repository();
    const policy = policyOf(url, [ED25519], { enforcement: 'warn' });
    const { status, out } = await verify(clusterDir({ url, policy }), application(url));
    expect(status).toBe(1);
    expect(out).toContain('would pass with a warning');
  });

  test('without a policy is not required, and says who signed', async () => {
    const { url } = await repository();
    const { status, out } = await verify(clusterDir({ url, policy: '{}' }), application(url));
    expect(status).toBe(0);
    expect(out).toMatch(/^not-required: .* is signed by rsa2048 <rsa2048@x> \([0-9A-F]{40}\); nothing requires it\.\n/);
  });

  test('is refused where the baseline denies what no entry matches', async () => {
    const { url } = await repository();
    const policy = JSON.stringify({ 'all-projects': 'unmatched: deny\n' });
    const { status, out } = await verify(clusterDir({ url, policy }), application(url));
    expect(status).toBe(1);
    expect(out).toContain('source-unmatched');
  });

  test('could not be checked with an error in the policy, or without one at all', async () => {
    const { url } = await repository();
    const wrong = clusterDir({ url, policy: JSON.stringify({ 'project.team': 'helm: {polices: []}' }) });
    expect(await verify(wrong, application(url))).toMatchObject({
      status: 2,
      out: containing('Did you mean policies?'),
    });
    const without = clusterDir({ url, policy: '{}' });
    rmSync(join(without, 'policy.yaml'));
    expect(await verify(without, application(url))).toMatchObject({
      status: 2,
      out: containing('policy-missing'),
    });
  });

  test('is not fetched for a project that does not permit its repository', async () => {
    const { url, requests } = await repository();
    const cluster = clusterDir({ url: 'https://elsewhere.example.com', policy: policyOf(url, [RSA]) });
    const { status, out } = await verify(cluster, application(url));
    expect(status).toBe(1);
    expect(out).toContain('project-forbids-source');
    expect(requests).toHaveLength(0);
  });

  test('uses the credentials of the folder', async () => {
    const { url } = await repository({}, 'robot:secret');
    const policy = policyOf(url, [RSA]);
    expect((await verify(clusterDir({ url, policy, login: 'robot:secret' }), application(url))).status).toBe(0);
    expect((await verify(clusterDir({ url, policy }), application(url))).status).toBe(2);
  });

  test("--strict-rules off overrides the policy's rules, on leaves them", async () => {
    const prov = readFileSync(vector('y-metadata-mismatch.prov'), 'latin1');
    const { url } = await repository({ '/hashtest-1.2.3.tgz.prov': prov });
    const cluster = clusterDir({ url, policy: policyOf(url, [RSA]) });
    expect((await verify(cluster, application(url))).out).toContain('metadata-mismatch');
    expect((await verify(cluster, application(url), '--strict-rules', 'on')).status).toBe(1);
    expect((await verify(cluster, application(url), '--strict-rules', 'off')).status).toBe(0);
    const lax = policyOf(url, [RSA], { strictRules: '{metadata: accept}' });
    expect((await verify(clusterDir({ url, policy: lax }), application(url), '--strict-rules', 'on')).status).toBe(0);
  });
});

describe('a file that does not hold one Application', () => {
  const url = 'https://charts.example.com';

  test.each([
    ['is empty', '', 'holds no Application; it is empty'],
    [
      'holds something else',
      'apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n',
      'holds no Application, but Namespace',
    ],
    [
      'holds two',
      `${application(url)}---\n${application(url, 'other')}`,
      '2 Applications: payments (line 1), other (line 9)',
    ],
    [
      'has a field that a cluster would refuse',
      application(url, 'payments', 'spce: {}\n'),
      'line 8: unknown field "spce"',
    ],
    ['is no YAML', 'kind: [Application', 'line 1'],
  ])('one that %s is told so', async (_, text, reason) => {
    const { status, out, err } = await verify(folderOf({}), text);
    expect(status).toBe(2);
    expect(out).toBe('');
    expect(err).toContain(reason);
  });

  test('or a folder that is not there', async () => {
    const { status, err } = await verify('/nowhere/at/all', application(url));
    expect(status).toBe(2);
    expect(err).toBe('The folder "/nowhere/at/all" cannot be read: it does not exist.\n');
  });
});
