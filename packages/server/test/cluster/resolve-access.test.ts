import { describe, expect, it } from 'vitest';
import type { RepositorySecret } from '../../src/cluster/repository-secret.ts';
import { resolveAccess } from '../../src/cluster/resolve-access.ts';

type Fields = Readonly<Record<string, string>>;

const key = new Uint8Array(32);

function secretOf(type: RepositorySecret['type'], name: string, fields: Fields): RepositorySecret {
  return { name, type, data: new Map(Object.entries(fields)) };
}

const repository = (name: string, fields: Fields) => secretOf('repository', name, fields);
const template = (name: string, fields: Fields) => secretOf('repo-creds', name, fields);

function access(repoURL: string, secrets: readonly RepositorySecret[], certificates: Fields = {}, project = 'team') {
  const outcome = resolveAccess(
    { secrets, certificates: new Map(Object.entries(certificates)), identityKey: key },
    repoURL,
    project,
  );
  if ('problem' in outcome) throw new Error(outcome.problem.code);
  return outcome.access;
}

const user = (repoURL: string, secrets: readonly RepositorySecret[], project = 'team') =>
  access(repoURL, secrets, {}, project).username;

describe('the Secret of a repository', () => {
  const url = 'https://charts.example.com/x';

  it.each([url, 'HTTPS://Charts.Example.com/X', `${url}.git`, ` ${url} `])(
    'is found for the spelling %j',
    (spelling) => {
      expect(user(spelling, [repository('a', { url, username: 'ann', password: 'pw' })])).toBe('ann');
    },
  );

  it.each([
    `${url}/`,
    `${url}/y`,
    'https://charts.example.com:443/x',
    'http://charts.example.com/x',
    'https://charts.example.com.evil.net/x',
  ])('is not found for %j', (other) => {
    expect(user(other, [repository('a', { url, username: 'ann' })])).toBe('');
  });

  it('of the project comes before the one of no project, and that of another project never', () => {
    const secrets = [
      repository('a', { url, username: 'everybody' }),
      repository('b', { url, username: 'team', project: 'team' }),
      repository('c', { url, username: 'other', project: 'other' }),
    ];
    expect(user(url, secrets)).toBe('team');
    expect(user(url, secrets, 'default')).toBe('everybody');
    expect(user(url, secrets.slice(2), 'default')).toBe('');
  });

  it('gives TLS settings, proxy and flags along', () => {
    const fields = {
      url,
      username: 'ann',
      password: 'pw',
      tlsClientCertData: 'cert',
      tlsClientCertKey: 'key',
      insecure: 'true',
      enableOCI: 'T',
      insecureOCIForceHttp: '1',
      forceHttpBasicAuth: 'True',
      proxy: 'http://proxy',
      noProxy: 'x',
    };
    expect(access(url, [repository('a', fields)])).toMatchObject({
      username: 'ann',
      password: 'pw',
      tls: { ca: null, clientCert: 'cert', clientKey: 'key', insecure: true },
      enableOCI: true,
      insecureOCIForceHttp: true,
      forceHttpBasicAuth: true,
      proxy: 'http://proxy',
      noProxy: 'x',
    });
  });

  it.each(['insecure', 'enableOCI', 'enableLfs'])(
    'with a %s that is no boolean is a problem, not a default',
    (field) => {
      const settings = {
        secrets: [repository('a', { url, [field]: 'yes' })],
        certificates: new Map(),
        identityKey: key,
      };
      expect(resolveAccess(settings, url, 'team')).toMatchObject({
        problem: { code: 'repository-secret-malformed', params: { secret: 'a', field } },
      });
    },
  );

  it('with an identity that only Azure can turn into credentials is named', () => {
    const settings = {
      secrets: [repository('a', { url, useAzureWorkloadIdentity: 'true' })],
      certificates: new Map(),
      identityKey: key,
    };
    expect(resolveAccess(settings, url, 'team')).toMatchObject({
      problem: { code: 'repository-credentials-unsupported' },
    });
  });
});

describe('a template of credentials', () => {
  const host = 'https://charts.example.com';

  it.each([
    [host, host],
    [host, `${host}/a/b`],
    [`${host}/`, `${host}/a`],
    [`${host}/a`, `${host}/a/b`],
    [`${host}/a/`, `${host}/a/b`],
    [`${host}/a`, `${host}/a.git`],
    [host, `${host}:443/a`],
    ['HTTPS://Charts.Example.com/A', `${host}/a/b`],
    ['http://charts.example.com:8080', 'http://charts.example.com:8080/a'],
    ['ghcr.io/acme', 'ghcr.io/acme/charts'],
    ['localhost:5000', 'localhost:5000/charts'],
    ['oci://ghcr.io/acme', 'oci://ghcr.io/acme/charts'],
  ])('for %s serves %s', (url, repoURL) => {
    expect(user(repoURL, [template('t', { url, username: 'ann' })])).toBe('ann');
  });

  it.each([
    [host, 'https://charts.example.com.evil.net'],
    [host, 'https://charts.example.com.evil.net/a'],
    [host, 'https://charts.example.community'],
    [host, 'https://charts.example.com@evil.net'],
    [host, 'https://charts.example.com:pw@evil.net/a'],
    [host, 'https://charts.example.com:8443/a'],
    [host, 'https://charts.example.com\\.evil.net/a'],
    [host, 'https://charts.example.com%2eevil.net'],
    [host, 'http://charts.example.com/a'],
    [host, 'https://charts.example.com./a'],
    [`${host}/acme`, `${host}/acme-evil`],
    [`${host}/acme`, `${host}/acme/../evil`],
    [`${host}/acme`, `${host}/acme/%2e%2e/evil`],
    [`${host}/acme`, `${host}/acme/..%2fevil`],
    [`${host}/acme`, `${host}//acme`],
    [`${host}/acme/charts`, `${host}/acme`],
    ['ghcr.io/acme', 'ghcr.io/acme-evil'],
    ['ghcr.io', 'ghcr.io.evil.net/acme'],
    ['ghcr.io/acme', 'oci://ghcr.io/acme/charts'],
    ['oci://ghcr.io/acme', 'ghcr.io/acme/charts'],
    ['https://', host],
    ['https:', host],
    ['', host],
  ])('for %j never serves %j', (url, repoURL) => {
    expect(user(repoURL, [template('t', { url, username: 'ann' })])).toBe('');
  });

  it('that covers more of the path comes first; of equals the first by name', () => {
    const secrets = [
      template('c', { url: `${host}/a`, username: 'a' }),
      template('b', { url: `${host}/a/b`, username: 'ab' }),
      template('d', { url: `${host}/a/b/`, username: 'later' }),
      template('a', { url: host, username: 'host' }),
    ];
    expect(user(`${host}/a/b/c`, secrets)).toBe('ab');
    expect(user(`${host}/a/x`, secrets)).toBe('a');
    expect(user(`${host}/x`, secrets)).toBe('host');
  });

  it('is not used for a repository that has credentials of any kind', () => {
    const creds = template('t', { url: host, username: 'template', password: 'pw' });
    expect(user(host, [creds, repository('r', { url: host })])).toBe('template');
    expect(user(host, [creds, repository('r', { url: host, username: 'own' })])).toBe('own');
    expect(user(host, [creds, repository('r', { url: host, bearerToken: 'token' })])).toBe('');
    expect(user(host, [creds, repository('r', { url: host, sshPrivateKey: 'key' })])).toBe('');
  });

  it('fills what is empty, and overwrites three flags', () => {
    const own = repository('r', {
      url: host,
      proxy: 'http://own',
      enableOCI: 'true',
      insecureOCIForceHttp: 'true',
      forceHttpBasicAuth: 'true',
      insecure: 'true',
    });
    const creds = template('t', { url: host, username: 'ann', proxy: 'http://template', noProxy: 'x' });
    expect(access(host, [own, creds])).toMatchObject({
      username: 'ann',
      proxy: 'http://own',
      noProxy: 'x',
      enableOCI: false,
      insecureOCIForceHttp: false,
      forceHttpBasicAuth: false,
      tls: { insecure: true },
    });
  });

  it('can switch on OCI, but never insecure', () => {
    const creds = template('t', { url: host, username: 'ann', enableOCI: 'true', insecure: 'true' });
    expect(access(host, [creds])).toMatchObject({ enableOCI: true, tls: { insecure: false } });
  });
});

describe('the certificates of a host', () => {
  const certificates = { 'charts.example.com': 'PEM' };

  it.each([
    'https://charts.example.com',
    'https://Charts.Example.com:8443/x',
    'charts.example.com/x',
    'oci://charts.example.com/x',
  ])('are used for %s', (url) => {
    expect(access(url, [], certificates).tls.ca).toBe('PEM');
  });

  it.each(['https://charts.example.com.evil.net', 'https://example.com', 'https://charts.example.com@evil.net'])(
    'are not used for %s',
    (url) => {
      expect(access(url, [], certificates).tls.ca).toBeNull();
    },
  );
});

describe('the origin of credentials', () => {
  it.each([
    ['https://charts.example.com/x', 'https://charts.example.com/x'],
    ['ghcr.io/acme', 'https://ghcr.io/acme'],
    ['oci://ghcr.io/acme', 'https://ghcr.io/acme'],
  ])('of %s is %s', (repoURL, url) => {
    expect(access(repoURL, []).url).toBe(url);
  });

  it('is plain HTTP where a registry is said to speak that', () => {
    const own = repository('r', { url: 'localhost:5000/x', insecureOCIForceHttp: 'true' });
    expect(access('localhost:5000/x', [own]).url).toBe('http://localhost:5000/x');
  });
});

describe('the identity of an access', () => {
  const url = 'https://charts.example.com';
  const identity = (fields: Fields, identityKey = key, certificates: Fields = {}) => {
    const settings = {
      secrets: [repository('r', { url, ...fields })],
      certificates: new Map(Object.entries(certificates)),
      identityKey,
    };
    const outcome = resolveAccess(settings, url, 'team');
    return 'access' in outcome ? outcome.access.identity : 'problem';
  };

  it('is the same for the same settings and another for any other', () => {
    const all = [
      identity({}),
      identity({ username: 'ann' }),
      identity({ username: 'ann', password: 'a' }),
      identity({ username: 'ann', password: 'b' }),
      identity({ tlsClientCertData: 'ann' }),
      identity({ insecure: 'true' }),
      identity({ proxy: 'http://proxy' }),
      identity({}, key, { 'charts.example.com': 'PEM' }),
      identity({ username: 'ann' }, new Uint8Array(32).fill(1)),
    ];
    expect(new Set(all).size).toBe(all.length);
    expect(identity({ username: 'ann' })).toBe(all[1]);
  });

  it('says anonymous where there is nothing to tell apart, and reveals nothing else', () => {
    expect(identity({})).toBe('anonymous');
    expect(identity({ name: 'x', type: 'helm' })).toBe('anonymous');
    expect(identity({ username: 'ann', password: 'secret' })).toMatch(/^[\w-]{43}$/);
  });
});
