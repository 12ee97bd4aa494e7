import { createPrivateKey, X509Certificate } from 'node:crypto';
import { createServer } from 'node:https';
import { connect } from 'node:tls';
import { describe, expect, it, onTestFinished } from 'vitest';
import { CertificateSecret } from '../../../src/admission/certificates/certificate-secret.ts';
import type { CertificateFault } from '../../../src/admission/certificates/certificates.ts';
import { issueAuthority, issueServing, type KeyPair } from '../../../src/admission/certificates/issue.ts';
import { SelfManagedCertificates } from '../../../src/admission/certificates/self-managed.ts';
import { isIssuedBy } from '../../../src/admission/certificates/stored.ts';
import { WebhookConfigurations } from '../../../src/admission/certificates/webhook-configurations.ts';
import { listen } from '../../fetch/local.ts';
import { FakeApiServer } from './api-server.ts';

const NAMES = ['server.argocd.svc', 'server.argocd.svc.cluster.local', '127.0.0.1', '::1'];
const DAY = 24 * 60 * 60 * 1000;

interface Replica {
  readonly certificates: SelfManagedCertificates;
  readonly faults: CertificateFault[];
  /** In the order in which they were served. */
  readonly served: string[];
  readonly start: () => Promise<void>;
  /** Until a number of certificates were served, or a condition holds. */
  readonly until: (condition: () => boolean) => Promise<void>;
}

function replica(api: FakeApiServer, clock: { now: number } = { now: Date.now() }, names = NAMES): Replica {
  const faults: CertificateFault[] = [];
  const served: string[] = [];
  const certificates = new SelfManagedCertificates({
    secret: new CertificateSecret({ client: api, namespace: 'argocd', name: 'certificates' }),
    webhooks: new WebhookConfigurations({ client: api, name: 'ours' }),
    names,
    now: () => new Date(clock.now),
    onFault: (fault) => faults.push(fault),
    intervals: { steady: 2, soon: 2 },
  });
  onTestFinished(() => certificates.close());
  return {
    certificates,
    faults,
    served,
    async start() {
      served.push((await certificates.start(({ cert }) => served.push(cert))).cert);
    },
    async until(condition) {
      while (!condition()) {
        await new Promise((resolve) => {
          setTimeout(resolve, 2);
        });
      }
    },
  };
}

const authoritiesIn = (pem: string): string[] => pem.match(/-----BEGIN[^-]+-----[^-]+-----END[^-]+-----\n/g) ?? [];

describe('a certificate of our own', () => {
  const authority = issueAuthority(new Date());
  const pair = issueServing({ cert: authority.cert, key: createPrivateKey(authority.key) }, NAMES, new Date());

  async function greet({ cert, key }: KeyPair, ca: string, servername: string): Promise<string> {
    const server = createServer({ cert, key }, (_, response) => response.end());
    const port = await listen(server);
    return new Promise((resolve) => {
      const socket = connect({ port, host: '127.0.0.1', ca, servername }, () => {
        resolve('trusted');
        socket.destroy();
      });
      socket.on('error', (error: NodeJS.ErrnoException) => {
        resolve(error.code ?? error.message);
      });
    });
  }

  it('is taken under its names by whoever trusts the authority, and by nobody else', async () => {
    expect(await greet(pair, authority.cert, 'server.argocd.svc')).toBe('trusted');
    expect(await greet(pair, authority.cert, 'server.other.svc')).toBe('ERR_TLS_CERT_ALTNAME_INVALID');
    expect(await greet(pair, issueAuthority(new Date()).cert, 'server.argocd.svc')).not.toBe('trusted');
  });

  it('is what it should be: ECDSA P-256 for 90 days, for addresses too, and no authority itself', () => {
    const certificate = new X509Certificate(pair.cert);
    expect(certificate.publicKey.asymmetricKeyDetails).toEqual({ namedCurve: 'prime256v1' });
    expect(certificate.ca).toBe(false);
    expect(new X509Certificate(authority.cert).ca).toBe(true);
    expect(certificate.checkIP('::1')).toBe('::1');
    expect(Math.round((certificate.validToDate.getTime() - Date.now()) / DAY)).toBe(90);
  });

  it('never outlives its authority', () => {
    const late = new Date(Date.now() + 350 * DAY);
    const { cert } = issueServing({ cert: authority.cert, key: createPrivateKey(authority.key) }, NAMES, late);
    const [own, its] = [cert, authority.cert].map((pem) => new X509Certificate(pem).validToDate);
    expect(own).toEqual(its);
  });
});

describe('certificates that the server manages', () => {
  it('are in the Secret and trusted by both webhooks from the first start on', async () => {
    const api = new FakeApiServer();
    const first = replica(api);
    await first.start();
    const secret = api.secret();
    expect(first.served).toEqual([secret['tls.crt']]);
    expect(api.bundle('mutating')).toBe(secret['ca.crt']);
    expect(api.bundle('validating')).toBe(secret['ca.crt']);
    expect(api.objects.get('secrets/certificates')).toMatchObject({
      metadata: { labels: { kept: 'yes' } },
      type: 'Opaque',
    });
    expect(first.certificates.notes()).toEqual([]);
  });

  it('are the same for every replica, also for two that start at the same moment', async () => {
    const api = new FakeApiServer();
    const [first, second, third] = [replica(api), replica(api), replica(api)];
    api.beforeWrite = () => second.start();
    await first.start();
    await third.start();
    expect(second.served).toEqual(first.served);
    expect(third.served).toEqual(first.served);
    expect(api.writes.filter((write) => write === 'replace secrets')).toHaveLength(1);
  });

  it('are written to nobody while nothing changes', async () => {
    const api = new FakeApiServer();
    await replica(api).start();
    const writes = api.writes.length;
    const second = replica(api);
    await second.start();
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
    expect(api.writes).toHaveLength(writes);
  });

  it('are renewed at two thirds of their time, by the same authority', async () => {
    const api = new FakeApiServer();
    const clock = { now: Date.now() };
    const server = replica(api, clock);
    await server.start();
    const authority = api.bundle('validating');
    clock.now += 59 * DAY;
    await new Promise((resolve) => {
      setTimeout(resolve, 20);
    });
    expect(server.served).toHaveLength(1);
    clock.now += 2 * DAY;
    await server.until(() => server.served.length === 2);
    expect(isIssuedBy(server.served[1] ?? '', authority)).toBe(true);
    expect(api.bundle('validating')).toBe(authority);
  });

  it('come from a new authority only once both webhooks trust it beside the old one', async () => {
    const api = new FakeApiServer();
    const clock = { now: Date.now() };
    const server = replica(api, clock);
    await server.start();
    const old = api.bundle('validating');
    for (const renewals of [2, 3, 4]) {
      clock.now += 70 * DAY;
      await server.until(() => server.served.length === renewals);
    }
    // At two thirds of a year.
    api.failing.set('patch mutatingwebhookconfigurations', 'forbidden');
    clock.now += 40 * DAY;
    await server.until(() => server.faults.length > 2);
    expect(authoritiesIn(api.bundle('validating'))).toHaveLength(2);
    expect(api.bundle('mutating')).toBe(old);
    expect(server.served).toHaveLength(4);
    api.failing.clear();
    await server.until(() => server.served.length === 5);
    const [current = ''] = authoritiesIn(api.bundle('mutating'));
    expect(api.bundle('mutating')).toBe(api.bundle('validating'));
    expect(authoritiesIn(api.bundle('mutating'))).toEqual([current, old]);
    expect(server.served.map((each) => isIssuedBy(each, old))).toEqual([true, true, true, true, false]);
    expect(isIssuedBy(server.served[4] ?? '', current)).toBe(true);
    expect(server.certificates.notes()).toEqual([]);
  });

  it('get a new name as soon as one is set', async () => {
    const api = new FakeApiServer();
    const first = replica(api);
    await first.start();
    const second = replica(api, { now: Date.now() }, [...NAMES, 'guard.example']);
    await second.start();
    expect(new X509Certificate(second.served[0] ?? '').checkHost('guard.example')).toBe('guard.example');
    await first.until(() => first.served.length === 2);
  });

  it('are made anew where the Secret was emptied or spoilt', async () => {
    const api = new FakeApiServer();
    const server = replica(api);
    await server.start();
    const spoilt = { 'ca.crt': 'eA==', 'ca.key': 'eA==', 'tls.crt': 'eA==', 'tls.key': 'eA==' };
    api.put('secrets/certificates', { metadata: { name: 'certificates' }, data: spoilt });
    await server.until(() => server.served.length === 2);
    expect(isIssuedBy(server.served[1] ?? '', api.bundle('mutating'))).toBe(true);
  });

  it('get the bundle back that somebody took away', async () => {
    const api = new FakeApiServer();
    const server = replica(api);
    await server.start();
    api.put('mutatingwebhookconfigurations/ours', {
      metadata: { name: 'ours' },
      webhooks: [{ name: 'pin', clientConfig: {} }],
    });
    await server.until(() => api.bundle('mutating') === api.secret()['ca.crt']);
  });
});

describe('certificates that cannot be renewed', () => {
  it('are told of and counted, and go on being served', async () => {
    const api = new FakeApiServer();
    const clock = { now: Date.now() };
    const server = replica(api, clock);
    await server.start();
    clock.now += 61 * DAY;
    api.failing.set('secrets', 'forbidden');
    await server.until(() => server.faults.length > 0);
    expect(server.faults[0]?.step).toBe('secret');
    expect(server.served).toHaveLength(1);
    expect(server.certificates.notes()).toEqual([
      'The Secret with the certificates of the webhooks cannot be used: the API server answered forbidden.',
    ]);
    clock.now += 40 * DAY;
    expect(server.certificates.notes()).toContain('The certificate of the webhooks has expired.');
    api.failing.clear();
    await server.until(() => server.served.length === 2);
    expect(server.certificates.notes()).toEqual([]);
  });

  it('keep no server from starting while the API server is away', async () => {
    const api = new FakeApiServer();
    api.failing.set('secrets', 'unavailable');
    const server = replica(api);
    await server.start();
    expect(server.certificates.notes()).toContain(
      'The certificate of the webhooks is one that no API server trusts yet.',
    );
    expect(api.bundle('validating')).toBe('');
    api.failing.clear();
    await server.until(() => server.served.length === 2);
    expect(server.served[1]).toBe(api.secret()['tls.crt']);
  });

  it('do not mind a webhook that is not installed', async () => {
    const api = new FakeApiServer();
    api.objects.delete('mutatingwebhookconfigurations/ours');
    const server = replica(api);
    await server.start();
    expect(server.faults).toEqual([]);
    expect(api.bundle('validating')).toBe(api.secret()['ca.crt']);
  });
});
