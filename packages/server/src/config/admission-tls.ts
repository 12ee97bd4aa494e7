import { isIP } from 'node:net';
import { judgeAddress } from '../fetch/address.ts';
import type { ClusterSource } from './cluster-source.ts';
import type { ListenAddress } from './setting.ts';
import { SETTINGS } from './settings.ts';
import type { Validation } from './validation.ts';

/** Where the certificate of the webhooks comes from. */
export type AdmissionTls =
  | { readonly kind: 'files'; readonly certFile: string; readonly keyFile: string }
  | {
      readonly kind: 'self-managed';
      /** In Argo CD's namespace. */
      readonly secret: string;
      /** DNS names and IP addresses. */
      readonly names: readonly string[];
    };

/** Files where they are given, else our own where the API server is read; nothing is for loopback only. */
export function admissionTls(
  validation: Validation,
  cluster: ClusterSource | null,
  namespace: string,
): AdmissionTls | null {
  const { admissionTlsCert, admissionTlsKey, admissionCertificates } = SETTINGS;
  const certFile = validation.value(admissionTlsCert);
  const keyFile = validation.value(admissionTlsKey);
  const kind = validation.value(admissionCertificates);
  if (kind === 'self-managed' || (kind === null && certFile === null && keyFile === null)) {
    if (cluster?.kind === 'kubernetes') return selfManaged(validation, certFile ?? keyFile, namespace);
    if (kind === 'self-managed' && cluster !== null) {
      validation.wrong(admissionCertificates, 'needs the API server, and a folder is read', 'files');
      return null;
    }
  }
  if (certFile !== null && keyFile !== null) {
    validation.readable(admissionTlsCert, certFile);
    validation.readable(admissionTlsKey, keyFile);
    return { kind: 'files', certFile, keyFile };
  }
  incomplete(validation, certFile, keyFile);
  return null;
}

function selfManaged(validation: Validation, file: string | null, namespace: string): AdmissionTls {
  const { admissionCertificates, certificateSecret, serviceName, certificateNames } = SETTINGS;
  if (file !== null) {
    validation.wrong(admissionCertificates, `is given beside ${JSON.stringify(file.slice(0, 200))}`, 'one of them');
  }
  const service = `${validation.value(serviceName)}.${namespace}.svc`;
  return {
    kind: 'self-managed',
    secret: validation.value(certificateSecret),
    names: [service, `${service}.cluster.local`, ...validation.value(certificateNames)],
  };
}

function incomplete(validation: Validation, certFile: string | null, keyFile: string | null): void {
  const { admissionTlsCert, admissionTlsKey, admissionListen, admissionCertificates } = SETTINGS;
  if (certFile !== null || keyFile !== null) {
    const [there, missing] =
      certFile === null ? [admissionTlsKey, admissionTlsCert] : [admissionTlsCert, admissionTlsKey];
    validation.wrong(missing, `is missing beside ${validation.nameOf(there)}`, 'the path of a PEM file');
  } else if (validation.value(admissionCertificates) === 'files') {
    validation.wrong(admissionTlsCert, 'is missing', 'the path of a PEM file');
  } else if (!isLoopback(validation.value(admissionListen))) {
    validation.wrong(
      admissionListen,
      'can be reached from other machines, which without TLS could read and change what kube-apiserver asks',
      `an address of loopback, or ${validation.nameOf(admissionTlsCert)} and ${validation.nameOf(admissionTlsKey)} as well`,
    );
  }
}

/** Whether only this machine can reach it. */
export function isLoopback({ host }: ListenAddress): boolean {
  if (host === 'localhost') return true;
  const judgement = isIP(host) === 0 ? null : judgeAddress(host);
  return judgement?.kind === 'private' && judgement.range === 'loopback';
}
