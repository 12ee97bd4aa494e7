import { Digest } from '@source-integrity/core/contract';
import type { RequestHandler } from 'express';
import type { ServerContext } from '../../context.ts';
import { ApiError } from '../api-error.ts';
import { askedApplication } from '../asked-application.ts';

/** `GET /evidence/:digest`: a provenance file as it was served, for the Application that it was recorded for. */
export function evidenceRoute({ cluster, store }: ServerContext): RequestHandler<{ digest: string }> {
  return async (request, response) => {
    const { application } = await askedApplication(request, cluster);
    const digest = Digest.safeParse(request.params.digest);
    const { uid, project } = application;
    const bytes =
      digest.success && (await store.blobs.isGranted({ uid, project }, digest.data))
        ? await store.blobs.get(digest.data)
        : null;
    if (bytes === null)
      throw new ApiError(404, 'evidence-not-found', 'Only what its verifications rest on can be had.');
    // Whatever it is, a browser is not to run it on Argo CD's origin.
    response.setHeader('Content-Disposition', 'attachment; filename="evidence.prov"');
    response.setHeader('X-Content-Type-Options', 'nosniff');
    response.setHeader('Cache-Control', 'private, no-store');
    response.status(200).type('application/octet-stream').send(Buffer.from(bytes));
  };
}
