import { createPrivateKey, X509Certificate } from 'node:crypto';
import { mkdirSync, mkdtempSync, renameSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { expect, it, onTestFinished } from 'vitest';
import { FileCertificates } from '../../../src/admission/certificates/files.ts';
import type { CertificateFault } from '../../../src/admission/certificates/certificates.ts';
import { issueAuthority, issueServing, type KeyPair } from '../../../src/admission/certificates/issue.ts';
import { startWorld } from '../../server/fixture.ts';

function issue(name: string): KeyPair {
  const authority = issueAuthority(new Date());
  return issueServing({ cert: authority.cert, key: createPrivateKey(authority.key) }, [name], new Date());
}

/** A mounted Secret, as kubelet has it: the files are links through `..data`, which is swapped. */
function mounted(): { readonly folder: string; readonly put: (pair: KeyPair) => void } {
  const folder = mkdtempSync(join(tmpdir(), 'source-integrity-tls-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const file of ['tls.crt', 'tls.key']) symlinkSync(join('..data', file), join(folder, file));
  let version = 0;
  return {
    folder,
    put({ cert, key }) {
      version += 1;
      mkdirSync(join(folder, `v${version}`));
      writeFileSync(join(folder, `v${version}`, 'tls.crt'), cert);
      writeFileSync(join(folder, `v${version}`, 'tls.key'), key);
      symlinkSync(`v${version}`, join(folder, 'next'));
      renameSync(join(folder, 'next'), join(folder, '..data'));
    },
  };
}

async function opened(folder: string): Promise<{
  readonly certificates: FileCertificates;
  readonly served: string[];
  readonly faults: CertificateFault[];
}> {
  const faults: CertificateFault[] = [];
  const served: string[] = [];
  const certificates = new FileCertificates({
    certFile: join(folder, 'tls.crt'),
    keyFile: join(folder, 'tls.key'),
    webhooks: null,
    now: () => new Date(),
    onFault: (fault) => faults.push(fault),
    intervalMs: 2,
  });
  onTestFinished(() => certificates.close());
  served.push((await certificates.start(({ cert }) => served.push(cert))).cert);
  return { certificates, served, faults };
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) {
    await new Promise((resolve) => {
      setTimeout(resolve, 2);
    });
  }
}

it('takes a pair that was swapped in', async () => {
  const { folder, put } = mounted();
  const [first, second] = [issue('one.example'), issue('two.example')];
  put(first);
  const { served } = await opened(folder);
  put(second);
  await until(() => served.length === 2);
  expect(served).toEqual([first.cert, second.cert]);
});

it('keeps the pair that it has while the one in the files does not fit, and says so', async () => {
  const { folder, put } = mounted();
  const [first, second] = [issue('one.example'), issue('two.example')];
  put(first);
  const { certificates, served, faults } = await opened(folder);
  put({ cert: second.cert, key: first.key });
  await until(() => faults.length > 0);
  expect(faults[0]).toMatchObject({ step: 'files' });
  expect(certificates.notes()[0]).toContain('are not a certificate and its key');
  expect(served).toEqual([first.cert]);
  put(second);
  await until(() => served.length === 2);
  expect(certificates.notes()).toEqual([]);
});

it('does not start with a pair that does not fit', async () => {
  const { folder, put } = mounted();
  put({ cert: issue('one.example').cert, key: issue('two.example').key });
  await expect(opened(folder)).rejects.toThrow('are not a certificate and its key');
});

it('serves the renewed certificate to new connections, without a restart', { timeout: 30_000 }, async () => {
  const { folder, put } = mounted();
  put(issue('one.example'));
  const world = await startWorld({
    flags: { 'admission-tls-cert': join(folder, 'tls.crt'), 'admission-tls-key': join(folder, 'tls.key') },
  });
  const served = (): Promise<string> =>
    new Promise((resolve, reject) => {
      const port = Number(new URL(world.server.addresses.admission).port);
      const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
        resolve(new X509Certificate(socket.getPeerCertificate(false).raw).subjectAltName ?? '');
        socket.destroy();
      });
      socket.on('error', reject);
    });
  expect(await served()).toBe('DNS:one.example');
  put(issue('two.example'));
  while ((await served()) !== 'DNS:two.example') {
    await new Promise((resolve) => {
      setTimeout(resolve, 250);
    });
  }
});
