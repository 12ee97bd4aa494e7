import { compareVersions, isVersion, parseVersion } from '../revision/version.ts';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { quotable } from '../verdict/quotable.ts';
import type { Digest } from '../verdict/verdict.ts';
import type { ChartDependency, ChartMetadata } from './chart-metadata.ts';
import type { ProvenanceDocument } from './provenance-document.ts';

/** The name and version that an Application asks for. */
export interface RequestedChart {
  readonly name: string;
  readonly version: string;
}

const MAX_NAMES = 5;

/**
 * Compares a chart's digest with the signed ones. The entry whose digest is the chart's counts, whatever its name; a
 * name that differs is a `file-name-differs` warning. But a signed entry under the chart's own file name must be its.
 * Null: all is well.
 */
export function compareDigest(files: ProvenanceDocument['files'], fileName: string, digest: Digest): Problem | null {
  const named = files.get(fileName);
  const file = quotable(fileName);
  if (named !== undefined) {
    if (named === digest) return null;
    const code = meansDigest(named, digest) ? 'chart-digest-misspelt' : 'chart-digest-mismatch';
    return problem(code, { file, expected: quotable(named), actual: digest });
  }
  const names = [...files.keys()];
  const signedName = names.find((name) => files.get(name) === digest);
  if (signedName !== undefined) {
    return problem('file-name-differs', { expected: quotable(signedName), actual: file });
  }
  const expected = names.slice(0, MAX_NAMES).map(quotable).join(', ');
  return problem('chart-not-listed', { expected, actual: file, digest });
}

/** The right digits in a form that Helm doesn't take: upper case, without a label or with another one. */
function meansDigest(written: string, digest: Digest): boolean {
  const digits = written.replace(/^[A-Za-z0-9]*:/, '').toLowerCase();
  return `sha256:${digits}` === digest;
}

/**
 * Compares what was signed, what Chart.yaml says and what was asked for; `signed` and `requested` may be unknown. The
 * version that was asked for is compared as semantic versions are, with its build metadata, so that `v1.2.3` is
 * 1.2.3; everything else is compared as text. Dependencies are compared where both list any: charts of API version v1
 * may keep them in another file.
 */
export function compareMetadata(
  chart: ChartMetadata,
  signed: ChartMetadata | null,
  requested: RequestedChart | null,
): Problem[] {
  const problems: Problem[] = [];
  const compare = (field: string, where: string, expected: string, actual: string, same: boolean): void => {
    if (same) return;
    problems.push(
      problem('metadata-mismatch', { field, where, expected: quotable(expected), actual: quotable(actual) }),
    );
  };
  if (requested !== null) {
    const where = 'the Application and Chart.yaml';
    compare('name', where, requested.name, chart.name, requested.name === chart.name);
    compare('version', where, requested.version, chart.version, sameVersion(requested.version, chart.version));
  }
  if (signed !== null) {
    const where = 'the signed metadata and Chart.yaml';
    compare('name', where, signed.name, chart.name, signed.name === chart.name);
    compare('version', where, signed.version, chart.version, signed.version === chart.version);
    const [signedApp, chartApp] = [signed.appVersion ?? '(none)', chart.appVersion ?? '(none)'];
    compare('appVersion', where, signedApp, chartApp, signed.appVersion === chart.appVersion);
    if (signed.dependencies.length > 0 && chart.dependencies.length > 0) {
      const [expected, actual] = [listDependencies(signed.dependencies), listDependencies(chart.dependencies)];
      compare('list of dependencies', where, expected, actual, expected === actual);
    }
  }
  return problems;
}

function listDependencies(dependencies: readonly ChartDependency[]): string {
  return dependencies.map(({ name, version, repository }) => `${name} ${version} ${repository}`.trim()).join(', ');
}

function sameVersion(a: string, b: string): boolean {
  if (a === b) return true;
  const [first, second] = [parseVersion(a), parseVersion(b)];
  return isVersion(first) && isVersion(second) && compareVersions(first, second) === 0 && buildOf(a) === buildOf(b);
}

function buildOf(version: string): string {
  const plus = version.indexOf('+');
  return plus < 0 ? '' : version.slice(plus);
}
