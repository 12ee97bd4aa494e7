import * as React from 'react';
import type { Application } from '../argocd/application.ts';

interface Sign {
  readonly icon: string;
  readonly colour: string;
}

/** Argo CD's own icons and colours (upstream: ui/src/app/applications/components/utils.tsx). */
const SIGNS: Readonly<Record<string, Sign>> = {
  Synced: { icon: 'fa-check-circle', colour: '#18BE94' },
  OutOfSync: { icon: 'fa-arrow-alt-circle-up', colour: '#f4c030' },
  Unknown: { icon: 'fa-circle-notch', colour: '#8fa4b1' },
  Healthy: { icon: 'fa-heart', colour: '#18BE94' },
  Progressing: { icon: 'fa-circle-notch fa-spin', colour: '#0DADEA' },
  Missing: { icon: 'fa-ghost', colour: '#f4c030' },
  Degraded: { icon: 'fa-heart-broken', colour: '#E96D76' },
  Running: { icon: 'fa-circle-notch fa-spin', colour: '#0DADEA' },
  Terminating: { icon: 'fa-circle-notch fa-spin', colour: '#0DADEA' },
  Succeeded: { icon: 'fa-check-circle', colour: '#18BE94' },
  Failed: { icon: 'fa-times-circle', colour: '#E96D76' },
  Error: { icon: 'fa-times-circle', colour: '#E96D76' },
};

export function StatusIcon({ of }: { readonly of: string }): React.JSX.Element {
  const { icon, colour } = SIGNS[of] ?? { icon: 'fa-question-circle', colour: '#8fa4b1' };
  return <i className={`fa ${icon}`} style={{ color: colour }} aria-hidden="true" />;
}

export function syncStatusOf(application: Application): string {
  return application.status?.sync.status ?? 'Unknown';
}

export function healthOf(application: Application): string {
  return application.status?.health.status ?? 'Missing';
}

/** The revisions that something names, as one text. */
export function revisionsOf(
  from: { readonly revision?: string; readonly revisions?: readonly string[] } | undefined,
): string {
  return (from?.revisions ?? (from?.revision === undefined ? [] : [from.revision])).map(shortened).join(', ');
}

/** A commit is shown by its first seven digits. */
function shortened(revision: string): string {
  return /^[0-9a-f]{40}$/.test(revision) ? revision.slice(0, 7) : revision;
}

/** "2 minutes ago" */
export function ago(time: string | undefined): string {
  if (time === undefined) return '';
  const seconds = Math.max(0, Math.round((Date.now() - Date.parse(time)) / 1000));
  const steps: readonly (readonly [number, string])[] = [
    [86_400, 'day'],
    [3_600, 'hour'],
    [60, 'minute'],
    [1, 'second'],
  ];
  const [size, unit] = steps.find(([size]) => seconds >= size) ?? [1, 'second'];
  const count = Math.floor(seconds / size);
  return `${count === 0 ? 'a few' : count} ${unit}${count === 1 ? '' : 's'} ago`;
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}

/** As Argo CD writes times: "11/22/2026 20:45:10 (2 minutes ago)". */
export function timeOf(time: string | undefined): string {
  if (time === undefined) return '';
  const date = new Date(time);
  const day = `${two(date.getMonth() + 1)}/${two(date.getDate())}/${date.getFullYear()}`;
  return `${day} ${two(date.getHours())}:${two(date.getMinutes())}:${two(date.getSeconds())}  (${ago(time)})`;
}
