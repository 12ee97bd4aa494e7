/** A word of the tab for one source, as README.md's table has it in its own spelling. */
export type Word = 'Verified' | 'Failed' | 'Unsigned' | 'Could not check' | 'Not required';

/** What the demo has to show of one Application. README.md says the same; a test compares them. */
export interface DemoCase {
  readonly application: string;
  /** Chart or repository in the registry and target revision, and what the tab says of it, in the order of the sources. */
  readonly sources: readonly (readonly [source: string, word: Word])[];
  /** The tab's words where they are others than the server's: of Git sources it asks Argo CD. */
  readonly tab?: readonly Word[];
  /** What Sync is refused with, beside Argo CD's own words; null where it is allowed. */
  readonly refusal: RegExp | null;
}

const UNTRUSTED = /policy|trust/i;

export const DEMO_CASES: readonly DemoCase[] = [
  { application: 'payments', sources: [['payments 1.4.2', 'Verified']], refusal: null },
  { application: 'web-shop', sources: [['web-shop 5.1.0', 'Verified']], refusal: null },
  { application: 'recommendations', sources: [['recommendations ^1.2', 'Verified']], refusal: null },
  { application: 'session-cache', sources: [['valkey 4.0.9', 'Verified']], refusal: null },
  { application: 'checkout', sources: [['checkout 2.3.1', 'Failed']], refusal: /checkout 2\.3\.1 .*SHA-256/ },
  { application: 'catalog', sources: [['catalog 1.8.0', 'Failed']], refusal: /catalog 1\.8\.0 .*signature/i },
  { application: 'cart', sources: [['cart 3.0.4', 'Failed']], refusal: /cart 3\.0\.4 .*key/ },
  { application: 'search', sources: [['search 0.9.7', 'Failed']], refusal: UNTRUSTED },
  {
    application: 'order-tracking',
    sources: [
      ['order-tracking 1.1.0', 'Verified'],
      ['notifications 0.4.2', 'Unsigned'],
      ['', 'Not required'],
    ],
    refusal: /notifications 0\.4\.2/,
  },
  { application: 'storefront-routes', sources: [['', 'Not required']], refusal: null },
  { application: 'edge-gateway', sources: [['edge-gateway 4.2.0', 'Verified']], refusal: null },
  { application: 'cert-rotator', sources: [['cert-rotator 1.6.3', 'Failed']], refusal: /expired/ },
  { application: 'backup', sources: [['backup 2.0.1', 'Failed']], refusal: /revoked/ },
  { application: 'log-collector', sources: [['log-collector 3.3.0', 'Unsigned']], refusal: /log-collector 3\.3\.0/ },
  { application: 'node-tuning', sources: [['node-tuning 1.1.5', 'Failed']], refusal: /provenance/i },
  { application: 'cluster-addons', sources: [['', 'Not required']], tab: ['Verified'], refusal: null },
  { application: 'ledger', sources: [['ledger 1.1.0', 'Failed']], refusal: /1\.0\.0/ },
  { application: 'invoicing', sources: [['invoicing 2.7.0', 'Failed']], refusal: /index/ },
  { application: 'payroll', sources: [['payroll 3.1.2', 'Verified']], refusal: null },
  { application: 'tax-rates', sources: [['tax-rates 1.0.0', 'Could not check']], refusal: /tax-rates 1\.0\.0/ },
  { application: 'feature-flags', sources: [['feature-flags 0.2.0', 'Not required']], refusal: null },
  { application: 'load-test', sources: [['load-test 1.3.0', 'Not required']], refusal: null },
  { application: 'dashboards', sources: [['dashboards 1.5.1', 'Could not check']], refusal: /provenence/ },
  { application: 'dns-zones', sources: [['edge/dns-zones 3.7.0', 'Verified']], refusal: null },
  { application: 'waf-rules', sources: [['edge/waf-rules 12.1.0', 'Verified']], refusal: null },
  { application: 'telemetry', sources: [['edge/telemetry 1.9.0', 'Verified']], refusal: null },
  { application: 'edge-cache', sources: [['valkey 4.0.9', 'Verified']], refusal: null },
  {
    application: 'certificates',
    sources: [['edge/certificates 1.4.0', 'Failed']],
    refusal: /quick-fix.* instead of .*main/,
  },
  { application: 'proxy-config', sources: [['edge/proxy-config 5.2.1', 'Failed']], refusal: /edge-release/ },
  { application: 'ingress', sources: [['ingress 2.4.0', 'Failed']], refusal: /2\.4\.0 and 2\.3\.1/ },
  { application: 'geo-blocks', sources: [['edge/geo-blocks 2026.11.3', 'Unsigned']], refusal: /no cosign signature/ },
  { application: 'access-lists', sources: [['edge/access-lists 8.0.2', 'Unsigned']], refusal: /attestation/ },
  { application: 'latency-probe', sources: [['lab/latency-probe 0.3.0', 'Not required']], refusal: null },
];
