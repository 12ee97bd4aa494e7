import * as z from 'zod';
import type { AdmissionRequest } from './admission-review.ts';

const text = z.string().max(253).catch('');

/** As much of an Application as names it; whatever is not text is as good as absent. */
const Named = z.object({
  metadata: z.object({ namespace: text, name: text, uid: text }).partial().catch({}),
  spec: z.object({ project: text }).partial().catch({}),
});

export interface ReviewedApplication {
  readonly namespace: string;
  readonly name: string;
  /** Empty where the API server has not given one yet. */
  readonly uid: string;
  /** An empty `spec.project` means `default`. */
  readonly project: string;
}

/** Which Application a review is about. The request's own namespace and name are the API server's word, so they win. */
export function readReviewedApplication({ object, namespace, name }: AdmissionRequest): ReviewedApplication {
  const read = Named.safeParse(object);
  const { metadata, spec } = read.success ? read.data : { metadata: {}, spec: {} };
  const { project } = spec;
  return {
    namespace: namespace === '' ? (metadata.namespace ?? '') : namespace,
    // Never `generateName`: the name that comes of it is another one, which no exemption names.
    name: name === '' ? (metadata.name ?? '') : name,
    uid: metadata.uid ?? '',
    project: project === undefined || project === '' ? 'default' : project,
  };
}
