import { generateKeyPairSync, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { closed, listen } from '../demo/ports.ts';

/** An OpenID Connect issuer that Fulcio trusts for people, and one for workflows. */
export interface IdentityIssuer {
  readonly people: string;
  readonly workflows: string;
  /** A token of a person; the certificate names the address. */
  person(email: string): string;
  /** A token of `release.yaml` at a ref; the certificate names its URL. */
  workflow(repository: string, ref: string): string;
  close(): Promise<void>;
}

export async function startIssuer(): Promise<IdentityIssuer> {
  const key = newTokenKey('reference');
  let origin = '';
  const server = createServer(({ url = '/' }, response) => {
    const [, issuer = ''] = /^(\/\w+)\/\.well-known\/openid-configuration$/.exec(url) ?? [];
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify(issuer === '' ? key.published : configuration(`${origin}${issuer}`)));
  });
  origin = `http://127.0.0.1:${await listen(server, 0)}`;
  const [people, workflows] = [`${origin}/people`, `${origin}/workflows`];
  return {
    people,
    workflows,
    person: (email) => key.token({ iss: people, sub: email, email, email_verified: true }),
    workflow: (repository, ref) => key.token({ iss: workflows, ...workflowClaims(repository, ref) }),
    close: async () => closed(server),
  };
}

/** A key that tokens are signed with. */
export function newTokenKey(kid: string): { readonly published: object; token(claims: object): string } {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return {
    published: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' }] },
    /** For Sigstore, good for an hour. */
    token(claims) {
      const now = Math.floor(Date.now() / 1000);
      const parts = [
        { alg: 'RS256', typ: 'JWT', kid },
        { aud: 'sigstore', iat: now, exp: now + 3600, ...claims },
      ];
      const signed = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
      return `${signed}.${sign('sha256', Buffer.from(signed), privateKey).toString('base64url')}`;
    },
  };
}

/** What an issuer says of itself (OpenID Connect Discovery 1.0, section 3). */
export function configuration(issuer: string): object {
  return {
    issuer,
    jwks_uri: `${issuer}/keys`,
    authorization_endpoint: `${issuer}/auth`,
    token_endpoint: `${issuer}/token`,
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
    id_token_signing_alg_values_supported: ['RS256'],
  };
}

/** What GitHub says of a build of `release.yaml` at a ref. */
export function workflowClaims(repository: string, ref: string): object {
  const workflow = `${repository}/.github/workflows/release.yaml@${ref}`;
  const commit = '7b3f0c9e51d84a26f1c0a9d3e8b7456210fedcba';
  return {
    sub: `repo:${repository}:ref:${ref}`,
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
}
