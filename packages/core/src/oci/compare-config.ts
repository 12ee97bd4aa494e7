import { type ChartMetadata, readChartMetadata } from '../helm/chart-metadata.ts';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';

/**
 * Compares the configuration of a chart's manifest – what registries and `helm show` display – with the Chart.yaml
 * that is deployed. Helm writes the one from the other, and compares them never.
 */
export function compareConfig(config: Uint8Array, chart: ChartMetadata): Problem[] {
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(config);
  } catch {
    return [unreadable('the configuration of its manifest is not UTF-8', null)];
  }
  const read = readChartMetadata(text);
  if ('fault' in read)
    return [unreadable(`in the configuration of its manifest, ${read.fault.reason}`, read.fault.line)];
  const compared = [
    ['name', read.metadata.name, chart.name],
    ['version', read.metadata.version, chart.version],
    ['appVersion', read.metadata.appVersion ?? '(none)', chart.appVersion ?? '(none)'],
  ] as const;
  return compared.flatMap(([field, expected, actual]) => {
    if (expected === actual) return [];
    const where = 'the configuration of the manifest and Chart.yaml';
    return [problem('metadata-mismatch', { field, where, expected: quotable(expected), actual: quotable(actual) })];
  });
}

function unreadable(reason: string, line: number | null): Problem {
  return problem('chart-metadata-unreadable', { reason: quotable(reason), line });
}
