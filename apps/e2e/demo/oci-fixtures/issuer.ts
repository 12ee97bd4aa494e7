/**
 * An OpenID Connect issuer for a private Fulcio: gives itself out as the one of GitHub's workflows.
 *
 *   node issuer.ts PORT
 *
 * `/token?repository=acme/edge&ref=refs/heads/main` answers a token for a release workflow at that ref.
 */
import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';

const port = Number(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const key = { ...publicKey.export({ format: 'jwk' }), kid: 'demo', use: 'sig', alg: 'RS256' };

function token(repository: string, ref: string): string {
  const workflow = `${repository}/.github/workflows/release.yaml@${ref}`;
  const commit = '7b3f0c9e51d84a26f1c0a9d3e8b7456210fedcba';
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: issuer,
    aud: 'sigstore',
    sub: `repo:${repository}:ref:${ref}`,
    iat: now,
    exp: now + 600,
    job_workflow_ref: workflow,
    job_workflow_sha: commit,
    workflow_ref: workflow,
    workflow_sha: commit,
    workflow: 'release',
    event_name: 'push',
    ref,
    sha: commit,
    repository,
    repository_id: '681230',
    repository_owner: repository.split('/')[0],
    repository_owner_id: '91244',
    repository_visibility: 'private',
    runner_environment: 'self-hosted',
    run_id: '20461137',
    run_attempt: '1',
  };
  const signed = [{ alg: 'RS256', typ: 'JWT', kid: 'demo' }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
  return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
}

createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', issuer);
  if (pathname === '/token') {
    response.end(token(searchParams.get('repository') ?? '', searchParams.get('ref') ?? ''));
    return;
  }
  const answers: Readonly<Record<string, object>> = {
    '/.well-known/openid-configuration': {
      issuer,
      jwks_uri: `${issuer}/keys`,
      authorization_endpoint: `${issuer}/auth`,
      token_endpoint: `${issuer}/token`,
      response_types_supported: ['code'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
    },
    '/keys': { keys: [key] },
  };
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(answers[pathname] ?? {}));
}).listen(port, '127.0.0.1');
