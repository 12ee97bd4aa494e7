import { quotable } from '../verdict/quotable.ts';
import { problem } from '../verdict/catalogue.ts';
import type { Problem } from '../verdict/problem.ts';
import { fieldsNamed, type LaxYaml, readLaxYaml } from './lax-yaml.ts';

/** A chart that another one needs, as its Chart.yaml writes it (`helm.sh/docs/topics/charts`, "Chart Dependencies"). */
export interface ChartDependency {
  readonly name: string;
  readonly version: string;
  readonly repository: string;
}

/** What Chart.yaml says of a chart, in as far as a signature is compared with it. */
export interface ChartMetadata {
  readonly name: string;
  readonly version: string;
  /** null: not stated. */
  readonly appVersion: string | null;
  readonly dependencies: readonly ChartDependency[];
}

export type ChartMetadataOutcome = { readonly metadata: ChartMetadata } | { readonly problem: Problem };

/** Chart.yaml and the metadata of a provenance file beyond this size (bytes, or UTF-16 units of text) are not read. */
export const MAX_CHART_METADATA_SIZE = 1024 * 1024;

const MAX_DEPENDENCIES = 1_000;

/** Why a text is not the metadata of a chart. */
export interface MetadataFault {
  readonly reason: string;
  /** From 1; null where it is not about a line. */
  readonly line: number | null;
}

/** Reads the text of a Chart.yaml; see {@link readChartMetadata}. */
export function parseChartMetadata(text: string): ChartMetadataOutcome {
  const read = readChartMetadata(text);
  return 'fault' in read ? { problem: problem('chart-metadata-unreadable', { ...read.fault }) } : read;
}

/**
 * Reads the metadata of a chart, from its Chart.yaml or from a provenance file, as Helm does: field names in any case,
 * the last duplicate wins, numbers where text belongs are text. Without a name or a version it is not a chart's.
 */
export function readChartMetadata(
  text: string,
): { readonly metadata: ChartMetadata } | { readonly fault: MetadataFault } {
  if (text.length > MAX_CHART_METADATA_SIZE) return fault('it is larger than 1 MiB', null);
  const yaml = readLaxYaml(text);
  if ('fault' in yaml) return fault(yaml.fault.reason, yaml.fault.line);
  if (!(yaml.value instanceof Map)) return fault('it is not a map of fields', null);
  const name = textField(yaml.value, 'name');
  const version = textField(yaml.value, 'version');
  const appVersion = textField(yaml.value, 'appversion');
  if (name === undefined || version === undefined || appVersion === undefined) {
    return fault('a field that must be text is not', null);
  }
  if (name === '') return fault('it has no name', null);
  if (version === '') return fault('it has no version', null);
  const dependencies = dependenciesOf(yaml.value);
  if (dependencies === null) return fault('its dependencies are not a list of charts', null);
  return { metadata: { name, version, appVersion: appVersion === '' ? null : appVersion, dependencies } };
}

/** The `dependencies` of a Chart.yaml, requirements.yaml or lock; null where that is not a list of charts. */
export function dependenciesOf(document: LaxYaml): ChartDependency[] | null {
  const list = fieldsNamed(document, 'dependencies').at(-1) ?? null;
  if (list === null) return [];
  if (!Array.isArray(list) || list.length > MAX_DEPENDENCIES) return null;
  const dependencies: ChartDependency[] = [];
  for (const item of list) {
    const name = textField(item, 'name');
    const version = textField(item, 'version');
    const repository = textField(item, 'repository');
    if (name === undefined || name === '' || version === undefined || repository === undefined) return null;
    dependencies.push({ name, version, repository });
  }
  return dependencies;
}

/** The text of a field; empty where it is absent or null, undefined where it is a list or a map. */
function textField(document: LaxYaml, name: string): string | undefined {
  const value = fieldsNamed(document, name).at(-1) ?? '';
  return typeof value === 'string' ? value : undefined;
}

function fault(reason: string, line: number | null): { readonly fault: MetadataFault } {
  return { fault: { reason: quotable(reason), line } };
}
