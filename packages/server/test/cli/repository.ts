import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { httpServer, type Recorded } from '../fetch/local.ts';
import { CHART, vector } from './command-line.ts';

export interface Repository extends Recorded {
  readonly url: string;
}

/** A chart repository on loopback with hashtest 1.2.3; `files` are served in place of its own. */
export async function repository(
  files: Readonly<Record<string, string | null>> = {},
  login?: string,
): Promise<Repository> {
  const chart = readFileSync(CHART);
  const digest = createHash('sha256').update(chart).digest('hex');
  const index = `apiVersion: v1
entries:
  hashtest:
    - apiVersion: v1
      created: "2026-01-01T00:00:00Z"
      digest: ${digest}
      name: hashtest
      urls:
        - hashtest-1.2.3.tgz
      version: 1.2.3
generated: "2026-01-01T00:00:00Z"
`;
  const served = new Map<string, string | Buffer | null>([
    ['/index.yaml', index],
    ['/hashtest-1.2.3.tgz', chart],
    ['/hashtest-1.2.3.tgz.prov', readFileSync(vector('rsa2048.prov'))],
    ...Object.entries(files),
  ]);
  const recorded = await httpServer((request, response) => {
    const file = served.get(request.url ?? '') ?? null;
    const expected = login === undefined ? undefined : `Basic ${Buffer.from(login).toString('base64')}`;
    response.statusCode = expected !== undefined && request.headers.authorization !== expected ? 401 : 200;
    if (response.statusCode === 200 && file === null) response.statusCode = 404;
    response.end(response.statusCode === 200 ? file : '');
  });
  return { ...recorded, url: `http://127.0.0.1:${recorded.port}` };
}
