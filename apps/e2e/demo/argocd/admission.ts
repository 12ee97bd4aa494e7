import { randomUUID } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { isDeepStrictEqual } from 'node:util';
import { type Application, isRecord } from './application.ts';

const WEBHOOK = 'gate.source-integrity.io';
/** `timeoutSeconds` of the webhook's configuration. */
const TIMEOUT_SECONDS = 10;

/** What kube-apiserver says to an update of an Application. */
type Admission =
  | { readonly allowed: true; readonly warnings: readonly string[] }
  | { readonly allowed: false; readonly code: number; readonly message: string };

/** Decides an update as kube-apiserver does: match conditions first, then the webhook, with `failurePolicy: Fail`. */
export type Admit = (oldObject: Application, object: Application) => Promise<Admission>;

/** @param gate where the validating webhook listens, with its path. */
export function createAdmission(gate: URL): Admit {
  return async (oldObject, object) => {
    if (!matches(oldObject, object)) return { allowed: true, warnings: [] };
    const uid = randomUUID();
    try {
      return answerOf(await post(gate, JSON.stringify(admissionReview(uid, oldObject, object))), uid);
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return {
        allowed: false,
        code: 500,
        message: `Internal error occurred: failed calling webhook "${WEBHOOK}": ${reason}`,
      };
    }
  };
}

/** The webhook's `matchConditions`: a new or changed operation, or a running one that is not the one asked for. */
function matches(oldObject: Application, object: Application): boolean {
  const state = object.status?.operationState;
  const running = state !== undefined && state.finishedAt === undefined;
  const started = object.operation !== undefined && !isDeepStrictEqual(object.operation, oldObject.operation);
  return started || (running && !isDeepStrictEqual(state.operation, object.operation));
}

/** The review that kube-apiserver would send for this update. */
export function admissionReview(uid: string, oldObject: Application, object: Application): object {
  const kind = { group: 'argoproj.io', version: 'v1alpha1', kind: 'Application' };
  const resource = { group: 'argoproj.io', version: 'v1alpha1', resource: 'applications' };
  return {
    apiVersion: 'admission.k8s.io/v1',
    kind: 'AdmissionReview',
    request: {
      uid,
      kind,
      resource,
      requestKind: kind,
      requestResource: resource,
      name: object.metadata.name,
      namespace: object.metadata.namespace,
      operation: 'UPDATE',
      userInfo: {
        username: 'system:serviceaccount:argocd:argocd-server',
        uid: 'b1d4d1a6-7b7c-4f43-8f7f-0c9f0e8a2f11',
        groups: ['system:serviceaccounts', 'system:serviceaccounts:argocd', 'system:authenticated'],
      },
      object,
      oldObject,
      dryRun: false,
      options: { apiVersion: 'meta.k8s.io/v1', kind: 'UpdateOptions', fieldManager: 'argocd-server' },
    },
  };
}

/** Reads an answer as kube-apiserver does: `webhook.VerifyAdmissionResponse` and `webhookerrors.ToStatusErr`. */
function answerOf(answer: unknown, uid: string): Admission {
  const response = isRecord(answer) ? answer['response'] : undefined;
  if (!isRecord(response)) throw new Error('received invalid webhook response: expected response, got nothing');
  if (response['uid'] !== uid) {
    throw new Error(
      `received invalid webhook response: expected response.uid="${uid}", got "${String(response['uid'])}"`,
    );
  }
  const warnings = Array.isArray(response['warnings']) ? response['warnings'].map(String) : [];
  if (response['allowed'] === true) return { allowed: true, warnings };
  const status = isRecord(response['status']) ? response['status'] : {};
  const code = typeof status['code'] === 'number' && status['code'] >= 400 ? status['code'] : 400;
  const denied = `admission webhook "${WEBHOOK}" denied the request`;
  for (const said of [status['message'], status['reason']]) {
    if (typeof said === 'string' && said !== '') return { allowed: false, code, message: `${denied}: ${said}` };
  }
  return { allowed: false, code, message: `${denied} without explanation` };
}

function failed(reason: string): Error {
  return new Error(`failed to call webhook: ${reason}`);
}

async function post(gate: URL, body: string): Promise<unknown> {
  const url = new URL(gate);
  url.searchParams.set('timeout', `${TIMEOUT_SECONDS}s`);
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      url,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/json' },
        signal: AbortSignal.timeout(TIMEOUT_SECONDS * 1000),
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on('data', (chunk: Buffer) => chunks.push(chunk));
        response.on('error', (error) => reject(failed(error.message)));
        response.on('end', () => {
          const text = Buffer.concat(chunks).toString('utf8');
          if (response.statusCode !== 200) {
            reject(failed(`the server answered ${response.statusCode ?? 0}: ${text.slice(0, 200)}`));
            return;
          }
          try {
            resolve(JSON.parse(text));
          } catch {
            reject(failed('the answer is not JSON'));
          }
        });
      },
    );
    request.on('error', (error: NodeJS.ErrnoException) => {
      const reasons: Record<string, string> = {
        ABORT_ERR: 'context deadline exceeded',
        ECONNREFUSED: `dial tcp ${url.host}: connect: connection refused`,
      };
      reject(failed(`Post "${url.href}": ${reasons[error.code ?? ''] ?? error.message}`));
    });
    request.end(body);
  });
}
