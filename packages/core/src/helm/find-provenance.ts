import { FetchFault } from '../ports.ts';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { isNonEmpty, type Location } from '../verdict/verdict.ts';
import { provenanceTargets, type Target } from './provenance-location.ts';
import { ask, discard, isAbsent, problemOfStatus, read, type RepositoryRequest } from './repository-request.ts';
import type { ProvenanceEvidence } from './verify-provenance.ts';

/**
 * Asks every place in turn. Whatever answers with a file counts as found – what it is, the verifier says. Not so the
 * chart itself where the text of its query was changed: that a server ignores queries says that there is no such file.
 * Absent is only what every place says so of.
 */
export async function findProvenance(
  request: RepositoryRequest,
  chart: Target,
  chartBytes: Uint8Array,
  maxBytes: number,
): Promise<ProvenanceEvidence> {
  const searched: Location[] = [];
  let unknown: Problem | null = null;
  let other: ProvenanceEvidence | null = null;
  const targets = provenanceTargets(chart);
  for (const target of targets) {
    const mayBeChart = targets.length > 1;
    const look = await lookAt(request, target, mayBeChart ? Math.max(maxBytes, chartBytes.length) : maxBytes);
    if ('problem' in look) {
      unknown ??= look.problem;
    } else if ('status' in look) {
      searched.push(nothingAt(target, `not there (HTTP status ${look.status})`));
    } else if (mayBeChart && Buffer.compare(look.bytes, chartBytes) === 0) {
      searched.push(nothingAt(target, 'the chart itself'));
    } else if (look.bytes.length > maxBytes) {
      unknown ??= problem('fetch-too-large', { url: target.shown, maxBytes });
    } else {
      const evidence: ProvenanceEvidence = { state: 'found', location: target.shown, bytes: look.bytes };
      if (Buffer.from(look.bytes).includes('-----BEGIN PGP SIGNED MESSAGE-----')) return evidence;
      other ??= evidence;
    }
  }
  if (other !== null) return other;
  if (unknown !== null) return { state: 'unknown', problem: unknown };
  if (!isNonEmpty(searched)) throw new Error('there is always a place to look at');
  return { state: 'absent', searched };
}

function nothingAt(target: Target, found: string): Location {
  return { kind: 'provenance-url', location: target.shown, found };
}

async function lookAt(
  request: RepositoryRequest,
  target: Target,
  maxBytes: number,
): Promise<{ readonly bytes: Uint8Array } | { readonly status: number } | { readonly problem: Problem }> {
  try {
    const response = await ask(request, target, maxBytes);
    if ('problem' in response) return response;
    if (response.status === 200) return { bytes: await read(response, target, maxBytes) };
    await discard(response);
    return isAbsent(response.status)
      ? { status: response.status }
      : { problem: problemOfStatus(target, response.status) };
  } catch (error) {
    if (error instanceof FetchFault) return { problem: error.problem };
    throw error;
  }
}
