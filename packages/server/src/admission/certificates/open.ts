import type { KubernetesClient } from '../../cluster/kubernetes/client.ts';
import type { Config } from '../../config/config.ts';
import type { Logger } from '../../logger.ts';
import type { Metrics } from '../../metrics.ts';
import { CertificateSecret } from './certificate-secret.ts';
import type { Certificates, OnCertificateFault } from './certificates.ts';
import { FileCertificates } from './files.ts';
import { SelfManagedCertificates } from './self-managed.ts';
import { WebhookConfigurations } from './webhook-configurations.ts';

export interface CertificateParts {
  readonly config: Config;
  /** Null where no API server is read. */
  readonly client: KubernetesClient | null;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly now: () => Date;
}

/** What the settings ask for; null: plain HTTP. */
export function openCertificates({ config, client, metrics, logger, now }: CertificateParts): {
  readonly certificates: Certificates | null;
  readonly webhooks: WebhookConfigurations | null;
} {
  const { admissionTls, namespace, webhookConfiguration } = config;
  const webhooks = client === null ? null : new WebhookConfigurations({ client, name: webhookConfiguration });
  const onFault: OnCertificateFault = ({ step, sentence }) => {
    metrics.certificateFailed(step);
    logger.error({ step }, sentence);
  };
  if (admissionTls === null) return { certificates: null, webhooks };
  if (admissionTls.kind === 'files') {
    const { certFile, keyFile } = admissionTls;
    return { certificates: new FileCertificates({ certFile, keyFile, webhooks, now, onFault }), webhooks };
  }
  if (client === null || webhooks === null) throw new Error('own certificates need the API server');
  const secret = new CertificateSecret({ client, namespace, name: admissionTls.secret });
  const certificates = new SelfManagedCertificates({ secret, webhooks, names: admissionTls.names, now, onFault });
  return { certificates, webhooks };
}
