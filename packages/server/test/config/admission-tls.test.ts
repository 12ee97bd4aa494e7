import { describe, expect, it } from 'vitest';
import type { AdmissionTls } from '../../src/config/admission-tls.ts';
import { loadConfig } from '../../src/config/config.ts';

const FILES = { 'admission-tls-cert': '/tls/tls.crt', 'admission-tls-key': '/tls/tls.key' };
const KUBERNETES = { 'kubernetes-api': 'https://10.96.0.1' };
const FOLDER = { 'cluster-dir': '/manifests' };

function load(flags: Readonly<Record<string, string>>): ReturnType<typeof loadConfig> {
  const files = { read: () => 'text', isFolder: () => true };
  return loadConfig({ ...flags }, { SOURCE_INTEGRITY_TOKEN: 'a-token-of-some-length' }, files);
}

function tls(flags: Readonly<Record<string, string>>): AdmissionTls | null {
  const loaded = load(flags);
  if ('faults' in loaded) throw new Error(JSON.stringify(loaded.faults));
  return loaded.config.admissionTls;
}

function faults(flags: Readonly<Record<string, string>>): string[] {
  const loaded = load(flags);
  return 'faults' in loaded ? loaded.faults.map(({ setting, wrong }) => `${setting} ${wrong}`) : [];
}

describe('the certificate of the webhooks', () => {
  it('is our own where the API server is read, under the names of the Service and those that are given', () => {
    expect(tls({ ...KUBERNETES, 'admission-listen': '0.0.0.0:8443' })).toEqual({
      kind: 'self-managed',
      secret: 'source-integrity-certificates',
      names: ['source-integrity-server.argocd.svc', 'source-integrity-server.argocd.svc.cluster.local'],
    });
    const named = { namespace: 'gitops', 'service-name': 'ours', 'certificate-names': 'guard.example, 10.0.0.1' };
    expect(tls({ ...KUBERNETES, ...named })).toMatchObject({
      names: ['ours.gitops.svc', 'ours.gitops.svc.cluster.local', 'guard.example', '10.0.0.1'],
    });
  });

  it('comes from files where they are given', () => {
    const files = { kind: 'files', certFile: '/tls/tls.crt', keyFile: '/tls/tls.key' };
    expect(tls({ ...KUBERNETES, ...FILES })).toEqual(files);
    expect(tls({ ...FOLDER, ...FILES, 'admission-certificates': 'files' })).toEqual(files);
  });

  it('is none for a folder on loopback', () => {
    expect(tls(FOLDER)).toBeNull();
  });

  it('cannot be our own without the API server, nor beside files; and files have to be named', () => {
    expect(faults({ ...FOLDER, 'admission-certificates': 'self-managed' })).toEqual([
      '--admission-certificates needs the API server, and a folder is read',
    ]);
    expect(faults({ ...KUBERNETES, ...FILES, 'admission-certificates': 'self-managed' })).toEqual([
      '--admission-certificates is given beside "/tls/tls.crt"',
    ]);
    expect(faults({ ...KUBERNETES, 'admission-certificates': 'files' })).toEqual(['--admission-tls-cert is missing']);
  });
});
