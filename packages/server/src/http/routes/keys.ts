import {
  describeKeys,
  findKeys,
  type Keyring,
  type Keys,
  type PolicyDocument,
  type PolicyRef,
  type PolicySet,
} from '@source-integrity/core';
import type { RequestHandler } from 'express';
import type { ServerContext } from '../../context.ts';
import { argocdSettings } from '../../verification/argocd-settings.ts';
import { answerTagged } from '../answer.ts';
import { askedApplication } from '../asked-application.ts';

/** `GET /keys`: key ID ↔ fingerprint ↔ user IDs ↔ subkeys, and which entries for this project trust which key. */
export function keysRoute({ cluster, now }: ServerContext): RequestHandler {
  return async (request, response) => {
    const { view, application } = await askedApplication(request, cluster);
    const { policy, keyring } = await argocdSettings(view);
    const keys: Keys =
      'problem' in keyring
        ? { keys: [], problems: [keyring.problem] }
        : {
            keys: trustedKeys(keyring, policy, application.project, now()),
            problems: keyring.faults.map(({ problem }) => problem),
          };
    answerTagged(request, response, keys, keys);
  };
}

function trustedKeys(keyring: Keyring, policy: PolicySet, project: string, now: Date): Keys['keys'] {
  const documents = [policy.baseline, policy.projects.get(project) ?? null].filter((document) => document !== null);
  const trust = documents.flatMap((document) => trustIn(document, keyring));
  return describeKeys(keyring, now).map((key) => ({
    key,
    trustedBy: trust.filter(({ fingerprints }) => fingerprints.has(key.fingerprint)).map(({ ref }) => ref),
  }));
}

function trustIn({ helm }: PolicyDocument, keyring: Keyring): { ref: PolicyRef; fingerprints: ReadonlySet<string> }[] {
  return helm.map(({ ref, keys }) => ({
    ref,
    fingerprints: new Set(keys.flatMap((key) => findKeys(keyring, key).map(({ primary }) => primary.fingerprint))),
  }));
}
