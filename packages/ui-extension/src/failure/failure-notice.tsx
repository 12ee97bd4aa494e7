import * as React from 'react';
import { type ApiFailure, isTransient } from '../client/failure.ts';
import { Action, BannerButton } from '../text/action.tsx';
import { useSaid } from '../text/announce.tsx';
import { Icon } from '../text/icon.tsx';
import { Snippet } from '../text/snippet.tsx';
import { Text } from '../text/text.tsx';
import { words } from '../words.ts';

/** In the tab's whole place: why there is nothing to show, and what to do. */
export function FailureNotice(props: {
  readonly failure: ApiFailure;
  /** Whether an answer is on its way. */
  readonly asking: boolean;
  readonly onRetry: () => void;
}): React.JSX.Element {
  const { title, whatToDo } = words.failure[props.failure.kind];
  const detail = detailOf(props.failure);
  useSaid(props.asking ? words.loading : title);
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
            <strong>{words.banner.whatToDo}</strong> {whatToDo} {isTransient(props.failure) && words.asksAgain}
            {props.failure.kind === 'unauthorized' && (
              <Snippet value={words.failureDetail.rbacLine} what={words.failureDetail.rbacLine} />
            )}
          </div>
        </div>
      </div>
      <BannerButton busy={props.asking} onClick={props.onRetry}>
        {words.retry}
      </BannerButton>
    </section>
  );
}

/** For a part of the tab, which is not asked for again by itself: one line. */
export function FailureLine(props: { readonly failure: ApiFailure; readonly onRetry?: () => void }): React.JSX.Element {
  const { title, whatToDo } = words.failure[props.failure.kind];
  useSaid(title);
  return (
    <p className="si-line">
      <Icon name="triangle-exclamation" tone="unknown" /> {title}. {detailOf(props.failure)} {whatToDo}{' '}
      {props.onRetry !== undefined && (
        <Action icon="rotate-right" onClick={props.onRetry}>
          {words.retry}
        </Action>
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
