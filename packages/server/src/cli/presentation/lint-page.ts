import { entryOf, type Problem, wording } from '@source-integrity/core/contract';
import type { PolicyManifest } from '../policy-manifest.ts';
import { problemRows } from './findings.ts';
import { Page } from './page.ts';

export interface Lint {
  readonly file: string;
  readonly manifest: PolicyManifest;
  /** Of the policy itself; the manifest's own faults come before them. */
  readonly errors: readonly Problem[];
  readonly warnings: readonly Problem[];
}

/** What `policy lint` found, each with its place in the file as editors and terminals know it. */
export function lintPage({ file, manifest, errors, warnings }: Lint): string {
  const page = new Page();
  page.line(summary(file, manifest.faults.length + errors.length, warnings.length));
  for (const { line, problem } of manifest.faults) write(page, `${file}:${line}: error`, problem);
  for (const problem of errors) write(page, `${placeText(file, manifest, problem)}: error`, problem);
  for (const problem of warnings) write(page, `${placeText(file, manifest, problem)}: warning`, problem);
  return page.text();
}

function summary(file: string, errors: number, warnings: number): string {
  const warned = warnings === 0 ? '' : ` and ${warnings} ${warnings === 1 ? 'warning' : 'warnings'}`;
  if (errors === 0) return `${file} has no errors${warned}.`;
  return `${file} has ${errors} ${errors === 1 ? 'error' : 'errors'}${warned}: the sources concerned cannot be judged, and with enforcement they are refused.`;
}

function write(page: Page, place: string, problem: Problem): void {
  page
    .heading(place)
    .line(wording(problem, subjectOf(problem)).sentence, 2)
    .table(problemRows(problem), 4);
}

function placeText(file: string, { placeOf }: PolicyManifest, { params }: Problem): string {
  const { entry, line, column } = params;
  if (typeof entry !== 'string' || typeof line !== 'number' || typeof column !== 'number') return file;
  const place = placeOf(entry, line, column);
  return place === null ? `${file}: ${entry}, line ${line}, column ${column}` : `${file}:${place.line}:${place.column}`;
}

/** Errors make sources unjudgeable, warnings are the policy's own. */
function subjectOf({ code, params: { entry } }: Problem): string {
  if (code === 'exemption-expired') return 'An Application';
  if (entryOf(code)?.consequence === 'warning') return 'The policy';
  return typeof entry === 'string' && entry.startsWith('project.')
    ? `A source of project ${entry.slice('project.'.length)}`
    : 'Every source';
}
