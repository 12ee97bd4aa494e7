import { describe, expect, it } from 'vitest';
import { type Config, loadConfig } from '../../src/config/config.ts';
import { describeFaults } from '../../src/config/fault.ts';

const TOKEN_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/token';
const CA_FILE = '/var/run/secrets/kubernetes.io/serviceaccount/ca.crt';
const POD = { KUBERNETES_SERVICE_HOST: '10.96.0.1', KUBERNETES_SERVICE_PORT: '443' };

function load(environment: Readonly<Record<string, string>>, there: readonly string[] = [TOKEN_FILE, CA_FILE]) {
  const files = {
    read: (path: string): string => {
      if (!there.includes(path)) throw new Error(`ENOENT ${path}`);
      return 'text';
    },
    isFolder: (path: string): boolean => path === '/cluster',
  };
  return loadConfig({}, { SOURCE_INTEGRITY_TOKEN: 'a-token-of-some-length', ...environment }, files);
}

function source(environment: Readonly<Record<string, string>>, there?: readonly string[]): Config['cluster'] {
  const loaded = load(environment, there);
  if ('faults' in loaded) throw new Error(describeFaults(loaded.faults));
  return loaded.config.cluster;
}

function faults(environment: Readonly<Record<string, string>>, there?: readonly string[]): readonly string[] {
  const loaded = load(environment, there);
  return 'faults' in loaded ? loaded.faults.map(({ setting, wrong }) => `${setting} ${wrong}`) : [];
}

describe("where Argo CD's objects are read", () => {
  it('is the API server of the pod, where no folder is given', () => {
    const kubernetes = { kind: 'kubernetes', server: 'https://10.96.0.1', tokenFile: TOKEN_FILE, caFile: CA_FILE };
    expect(source(POD)).toEqual(kubernetes);
    expect(source({ ...POD, KUBERNETES_SERVICE_PORT: '6443' })).toMatchObject({ server: 'https://10.96.0.1:6443' });
    expect(source({ ...POD, KUBERNETES_SERVICE_HOST: 'fd00::1' })).toMatchObject({ server: 'https://[fd00::1]' });
  });

  it('is the folder that is given, in a pod too', () => {
    const folder = { kind: 'manifests', folder: '/cluster' };
    expect(source({ ...POD, SOURCE_INTEGRITY_CLUSTER_DIR: '/cluster' })).toEqual(folder);
  });

  it('is the API server that is given, with its own files', () => {
    const environment = {
      ...POD,
      SOURCE_INTEGRITY_KUBERNETES_API: 'https://api.example.com:6443',
      SOURCE_INTEGRITY_KUBERNETES_TOKEN_FILE: '/token',
      SOURCE_INTEGRITY_KUBERNETES_CA_FILE: '/ca.pem',
    };
    expect(source(environment, ['/token', '/ca.pem'])).toEqual({
      kind: 'kubernetes',
      server: 'https://api.example.com:6443',
      tokenFile: '/token',
      caFile: '/ca.pem',
    });
  });

  it('may be reached without TLS on this machine alone', () => {
    const at = (url: string) => ({ SOURCE_INTEGRITY_KUBERNETES_API: url });
    expect(source(at('http://127.0.0.1:8001'))).toMatchObject({ server: 'http://127.0.0.1:8001', caFile: null });
    expect(faults(at('http://10.96.0.1'))).toEqual([
      'SOURCE_INTEGRITY_KUBERNETES_API would send a token without TLS to another machine',
    ]);
  });

  it.each([
    ['ftp://example.com', 'is not an https URL'],
    ['example.com', 'is not an https URL'],
    ['https://example.com/api', 'has more than a host and a port'],
    ['https://robot:x@example.com', 'has more than a host and a port'],
  ])('is never %s', (url, wrong) => {
    expect(faults({ SOURCE_INTEGRITY_KUBERNETES_API: url })).toEqual([`SOURCE_INTEGRITY_KUBERNETES_API ${wrong}`]);
  });

  it('has to be somewhere, and in one place', () => {
    expect(faults({})).toEqual(['--cluster-dir is missing']);
    const both = { SOURCE_INTEGRITY_CLUSTER_DIR: '/cluster', SOURCE_INTEGRITY_KUBERNETES_API: 'https://10.96.0.1' };
    expect(faults(both)).toEqual(['SOURCE_INTEGRITY_CLUSTER_DIR is given beside SOURCE_INTEGRITY_KUBERNETES_API']);
    expect(faults({ SOURCE_INTEGRITY_CLUSTER_DIR: '/nowhere' })).toEqual([
      'SOURCE_INTEGRITY_CLUSTER_DIR is not a folder',
    ]);
  });

  it('needs a token and an authority that can be read', () => {
    expect(faults(POD, [])).toEqual(['--kubernetes-token-file cannot be read', '--kubernetes-ca-file cannot be read']);
    expect(faults(POD, [TOKEN_FILE])).toEqual(['--kubernetes-ca-file cannot be read']);
  });
});
