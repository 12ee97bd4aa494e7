import { kubernetes } from './proof.ts';

/** How often kube-apiserver has asked each of our webhooks so far, by its own count. */
export async function webhookCalls(): Promise<{ readonly pin: number; readonly gate: number }> {
  const { status, body } = await kubernetes.ask('GET', '/metrics');
  if (status !== 200 || typeof body !== 'string') throw new Error(`/metrics of kube-apiserver answers ${status}`);
  const lines = body.split('\n').filter((line) => line.startsWith('apiserver_admission_webhook_request_total{'));
  const of = (webhook: string): number =>
    lines
      .filter((line) => line.includes(`name="${webhook}.source-integrity.io"`))
      .reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' ') + 1)), 0);
  return { pin: of('pin'), gate: of('gate') };
}
