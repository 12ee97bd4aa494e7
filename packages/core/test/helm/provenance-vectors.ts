import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { ChartMetadata } from '../../src/helm/chart-metadata.ts';
import { type ChartFindings, verifyChart } from '../../src/helm/verify-provenance.ts';
import { type Keyring, readKeyring } from '../../src/pgp/keyring.ts';
import { DEFAULT_STRICT_RULES, type StrictRules } from '../../src/verdict/strict-rules.ts';
import { Digest } from '../../src/verdict/verdict.ts';

const FOLDER = new URL('../vectors/helm-provenance/', import.meta.url);

export const CHART_FILE = 'hashtest-1.2.3.tgz';

/** What the Chart.yaml inside the vectors' chart says. */
export const CHART_METADATA: ChartMetadata = { name: 'hashtest', version: '1.2.3', appVersion: null, dependencies: [] };

export function sha256(bytes: Uint8Array): Digest {
  return Digest.parse(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
}

export const chartDigest = sha256(readFileSync(new URL(CHART_FILE, FOLDER)));

/** A time at which the vectors' keys are as their names say. */
export const NOW = new Date('2026-11-01T00:00:00Z');

export interface VectorCase {
  readonly name: string;
  readonly helm: 'OK' | 'FAIL';
  /** The signer's fingerprint, or what Helm says. */
  readonly detail: string;
}

export const cases: readonly VectorCase[] = readFileSync(new URL('expected.tsv', FOLDER), 'utf8')
  .trimEnd()
  .split('\n')
  .slice(1)
  .map((line) => {
    const [name = '', helm = '', detail = ''] = line.split('\t');
    if (helm !== 'OK' && helm !== 'FAIL') throw new Error(`no verdict for ${name}`);
    return { name, helm, detail };
  });

export function provenanceOf(name: string): Uint8Array {
  return readFileSync(new URL(`${name}.prov`, FOLDER));
}

export function keyringOf(name: string): Promise<Keyring> {
  return readKeyring([{ name: `${name}.gpg`, bytes: readFileSync(new URL(`${name}.gpg`, FOLDER)) }], 'files');
}

/** Verifies the vectors' chart against a provenance file, with nothing asked for beyond it. */
export function verifyVector(
  bytes: Uint8Array,
  keyring: Keyring,
  rules: StrictRules = DEFAULT_STRICT_RULES,
): Promise<ChartFindings> {
  return verifyChart({
    chart: { fileName: CHART_FILE, digest: chartDigest, metadata: CHART_METADATA, problems: [] },
    provenance: { state: 'found', location: `${CHART_FILE}.prov`, bytes },
    keyring,
    trust: 'any-key',
    rules,
    now: NOW,
    requested: null,
    indexDigest: null,
  });
}
