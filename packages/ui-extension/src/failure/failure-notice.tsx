import * as React from 'react';
import type { ApiFailure } from '../client/failure.ts';
import { Icon } from '../text/icon.tsx';
import { Snippet } from '../text/snippet.tsx';
import { Text } from '../text/text.tsx';
import { words } from '../words.ts';

/** In the tab's whole place: why there is nothing to show, and what to do. */
export function FailureNotice(props: {
  readonly failure: ApiFailure;
  readonly onRetry: () => void;
}): React.JSX.Element {
  const { title, whatToDo } = words.failure[props.failure.kind];
  const detail = detailOf(props.failure);
  return (
    <section className="si-box si-banner si-tone-unknown white-box">
      <span className="si-banner__icon">
        <Icon name="plug-circle-xmark" />
      </span>
      <div className="si-banner__text">
        <h2 className="si-banner__sentence">{title}</h2>
        {detail !== '' && (
          <p className="si-banner__context">
            <Text value={detail} />
          </p>
        )}
        <div className="si-advice">
          <Icon name="circle-arrow-right" tone="link" />
          <div>
            <strong>{words.banner.whatToDo}</strong> {whatToDo}
            {props.failure.kind === 'unauthorized' && (
              <Snippet value={words.failureDetail.rbacLine} what={words.failureDetail.rbacLine} />
            )}
          </div>
        </div>
      </div>
      <button type="button" className="si-button argo-button argo-button--base" onClick={props.onRetry}>
        <Icon name="rotate-right" /> {words.retry}
      </button>
    </section>
  );
}

/** For a part of the tab: one line. */
export function FailureLine(props: { readonly failure: ApiFailure; readonly onRetry?: () => void }): React.JSX.Element {
  const { title, whatToDo } = words.failure[props.failure.kind];
  return (
    <p className="si-line">
      <Icon name="triangle-exclamation" tone="unknown" /> {title}. {detailOf(props.failure)} {whatToDo}{' '}
      {props.onRetry !== undefined && (
        <button type="button" className="si-link" onClick={props.onRetry}>
          {words.retry}
        </button>
      )}
    </p>
  );
}

/** What this failure says beyond its kind. */
function detailOf(failure: ApiFailure): string {
  const w = words.failureDetail;
  const said = (detail: string): string => (detail === '' ? '' : `${w.said} ${detail}`);
  switch (failure.kind) {
    case 'bad-request':
    case 'unauthorized':
    case 'forbidden':
    case 'not-found':
    case 'busy':
      return said(failure.detail);
    case 'extension-missing':
    case 'no-connection':
      return '';
    case 'rate-limited':
      return `${w.retryAfter(failure.retryAfterSeconds)}.`;
    case 'backend-down':
      return [`${w.status(failure.status)}.`, said(failure.detail)].join(' ').trim();
    case 'timeout':
      return `${w.waited(failure.seconds)}.`;
    case 'malformed':
      return `${w.got} ${failure.detail}.`;
    case 'server-error':
      return [
        `${w.status(failure.status)}.`,
        said(failure.detail),
        failure.requestId === null ? '' : `${w.requestId}: ${failure.requestId}`,
      ]
        .filter((part) => part !== '')
        .join(' ');
  }
}
