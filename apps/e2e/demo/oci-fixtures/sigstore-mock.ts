/**
 * What a private Sigstore lacks, by the mocks of sigstore-js: a certificate authority that believes any token and has
 * its certificates logged (SCT), and a Rekor v1 (SET), which else needs a database.
 *
 *   node sigstore-mock.ts PORT FOLDER
 *
 * Its certificate and public keys are written into the folder: ca.pem, ctlog.pem, rekor-v1.pem.
 * `/token?workflow=acme/edge/.github/workflows/release.yaml@refs/heads/main` answers a token for such a workflow of
 * GitHub's; nobody but this authority would take it.
 */
import { generateKeyPairSync } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { fulcioHandler, initializeCA, initializeCTLog, initializeTLog, rekorHandler } from '@sigstore/mock';

const [port = '', folder = ''] = process.argv.slice(2);
const authority = generateKeyPairSync('ec', { namedCurve: 'P-384' });
const certificateLog = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const signatureLog = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const origin = `http://127.0.0.1:${port}`;

const ca = await initializeCA(authority, await initializeCTLog(certificateLog));
const fulcio = fulcioHandler(ca);
const rekor = rekorHandler(await initializeTLog(origin, signatureLog));

const { buffer, byteOffset, byteLength } = ca.rootCertificate;
const root = Buffer.from(buffer, byteOffset, byteLength).toString('base64');
writeFileSync(join(folder, 'ca.pem'), `-----BEGIN CERTIFICATE-----\n${root}\n-----END CERTIFICATE-----\n`);
writeFileSync(join(folder, 'ctlog.pem'), certificateLog.publicKey.export({ format: 'pem', type: 'spki' }));
writeFileSync(join(folder, 'rekor-v1.pem'), signatureLog.publicKey.export({ format: 'pem', type: 'spki' }));

createServer((request, response) => {
  void answer(request).then(({ status, headers = {}, body }) => response.writeHead(status, headers).end(body));
}).listen(Number(port), '127.0.0.1');

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: string;
}

async function answer(request: IncomingMessage): Promise<Answer> {
  const { pathname, searchParams } = new URL(request.url ?? '/', origin);
  switch (pathname) {
    case '/token':
      return { status: 200, body: token(searchParams.get('workflow') ?? '') };
    case fulcio.path: {
      // cosign sends the token as a header, sigstore-js as a part of the request.
      const oidcIdentityToken = request.headers.authorization?.replace('Bearer ', '');
      const asked: unknown = JSON.parse(await bodyOf(request));
      const { statusCode, response } = await fulcio.fn(
        JSON.stringify(Object.assign({}, asked, { credentials: { oidcIdentityToken } })),
      );
      return { status: statusCode === 201 ? 200 : statusCode, body: textOf(response) };
    }
    case rekor.path: {
      const { statusCode, response } = await rekor.fn(await bodyOf(request));
      const body = textOf(response);
      // A client looks its entry up by this header.
      const etag = /^\{"([0-9a-f]+)"/.exec(body)?.[1] ?? '';
      return { status: statusCode, headers: { 'content-type': 'application/json', etag }, body };
    }
    default:
      return { status: 404, body: '' };
  }
}

function bodyOf(request: IncomingMessage): Promise<string> {
  return new Promise((resolve) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => resolve(Buffer.concat(pieces).toString('utf8')));
  });
}

function textOf(body: string | ArrayBufferView): string {
  return typeof body === 'string' ? body : new TextDecoder().decode(body);
}

function token(workflow: string): string {
  const [, repository = '', ref = ''] = /^([^/]+\/[^/]+)\/[^@]*@(.*)$/.exec(workflow) ?? [];
  const commit = '7b3f0c9e51d84a26f1c0a9d3e8b7456210fedcba';
  const claims = {
    iss: 'https://token.actions.githubusercontent.com',
    aud: 'sigstore',
    sub: `https://github.com/${workflow}`,
    exp: Math.floor(Date.now() / 1000) + 600,
    event_name: 'push',
    job_workflow_ref: workflow,
    job_workflow_sha: commit,
    ref,
    repository,
    repository_owner: repository.split('/')[0],
    sha: commit,
    workflow: 'release',
    workflow_ref: workflow,
    workflow_sha: commit,
  };
  return [{ alg: 'none' }, claims, '']
    .map((part) => Buffer.from(part === '' ? 'none' : JSON.stringify(part)).toString('base64url'))
    .join('.');
}
