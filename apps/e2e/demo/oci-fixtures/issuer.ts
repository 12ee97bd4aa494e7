/**
 * An OpenID Connect issuer for a private Fulcio: gives itself out as the one of GitHub's workflows.
 *
 *   node issuer.ts PORT
 *
 * `/token?repository=acme/edge&ref=refs/heads/main` answers a token for a release workflow at that ref.
 */
import { createServer } from 'node:http';
import { configuration, newTokenKey, workflowClaims } from '../../reference/identity-issuer.ts';

const port = Number(process.argv[2]);
const issuer = `http://127.0.0.1:${port}`;
const key = newTokenKey('demo');

createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', issuer);
  if (pathname === '/token') {
    const claims = workflowClaims(searchParams.get('repository') ?? '', searchParams.get('ref') ?? '');
    response.end(key.token({ iss: issuer, ...claims }));
    return;
  }
  const isConfiguration = pathname === '/.well-known/openid-configuration';
  response.setHeader('content-type', 'application/json');
  response.end(JSON.stringify(isConfiguration ? configuration(issuer) : key.published));
}).listen(port, '127.0.0.1');
