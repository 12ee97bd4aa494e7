import type { HistoryEntry, Report } from '@source-integrity/core/contract';
import * as React from 'react';
import { type ApiFailure, isTransient } from '../client/failure.ts';
import { gitResults, type GitState } from '../git/git-results.ts';
import { isVerifying, type VerificationState } from '../client/state.ts';
import { concerns } from '../sentence/concerns.ts';
import { argocdRefusal } from '../sentence/git.ts';
import { headline } from '../sentence/headline.ts';
import { bannerStanding, icons, tones } from '../sentence/standing.ts';
import { subjectOf } from '../sentence/subject.ts';
import { BannerButton } from '../text/action.tsx';
import { Icon } from '../text/icon.tsx';
import { withShortHex } from '../text/grouping.ts';
import { Prose } from '../text/prose.tsx';
import { Text } from '../text/text.tsx';
import { When } from '../text/when.tsx';
import { visibleText } from '../text/visible.ts';
import { utcDate } from '../text/time.ts';
import { words } from '../words.ts';
import { Advice, GitAdvice } from './advice.tsx';
import { isDeployed } from '../history/deployed.ts';
import { Deployed } from './deployed.tsx';
import { Expiring } from './expiring.tsx';
import { Progress } from './progress.tsx';

/** The answer before all others: one sentence, when and for what it holds, what to do, and Re-verify. */
export function Banner(props: {
  readonly report: Report;
  readonly history: readonly HistoryEntry[];
  readonly git: GitState;
  readonly heardAt: number;
  readonly stale: ApiFailure | null;
  readonly verification: VerificationState;
  readonly onVerify: () => void;
}): React.JSX.Element {
  const { report } = props;
  const standing = bannerStanding(report, props.git);
  const sentence = headline(report, props.git);
  const refusedByArgocd = argocdRefusal(gitResults(report, props.git)) !== null;
  const busy = isVerifying(props.verification);
  return (
    <section className={`si-box si-banner si-tone-${tones[standing]} white-box`} aria-label={words.title}>
      <span className="si-banner__icon">
        <Icon name={icons[standing]} />
      </span>
      <div className="si-banner__text">
        <h2 className="si-banner__sentence" title={visibleText(sentence)}>
          <Text value={withShortHex(sentence)} />
        </h2>
        <Context report={report} blockedElsewhere={refusedByArgocd} />
        <Deployed report={report} history={props.history} />
        <Expiring report={report} />
        <GoodAllTheSame report={report} />
        {report.exemption !== null && (
          <p className="si-line">
            <Icon name="unlock" tone="unknown" />{' '}
            <Text value={words.banner.exempted(report.exemption.reason, utcDate(Date.parse(report.exemption.until)))} />
          </p>
        )}
        {report.gaps?.map((gap) => (
          <p key={gap} className="si-line">
            <Icon name="triangle-exclamation" tone="unknown" /> <Prose value={words.banner.gap[gap]} />
          </p>
        ))}
        {props.stale !== null && (
          <p className="si-line">
            <Icon name="clock-rotate-left" tone="unknown" />{' '}
            <strong className="si-tone-unknown">{words.banner.stale}</strong>: {words.banner.lastHeard}{' '}
            <When at={props.heardAt} as="ago" />. {words.failure[props.stale.kind].title}.{' '}
            {words.failure[props.stale.kind].whatToDo} {isTransient(props.stale) && words.asksAgain}
          </p>
        )}
        <Progress verification={props.verification} subject={report.application.name} />
        {refusedByArgocd && report.decision.action !== 'deny' ? (
          <GitAdvice project={report.application.project} />
        ) : (
          <Advice report={report} concerns={concerns(report)} />
        )}
      </div>
      <BannerButton busy={busy} onClick={props.onVerify}>
        {busy ? words.banner.reverifying : words.banner.reverify}
      </BannerButton>
    </section>
  );
}

/** That a sync can be refused for a verified source too is told, lest the two seem to contradict each other. */
function GoodAllTheSame({ report }: { readonly report: Report }): React.JSX.Element | null {
  const good = report.sources.find((each) => each.verdict.status === 'verified' && each.obstacles.length > 0);
  if (good === undefined || report.decision.action === 'allow') return null;
  return (
    <p className="si-line">
      <Icon name={icons.verified} tone={tones.verified} /> <Text value={words.banner.goodAllTheSame(subjectOf(good))} />
    </p>
  );
}

function Context({
  report,
  blockedElsewhere,
}: {
  readonly report: Report;
  readonly blockedElsewhere: boolean;
}): React.JSX.Element {
  const w = words.banner;
  const only = report.sources.length === 1 ? report.sources[0] : undefined;
  const revision = only?.revision ?? null;
  const deployed = report.deployedRevisions[0];
  const nothingAsked = report.status === 'not-required' && report.decision.action === 'allow';
  return (
    <p className="si-banner__context">
      {nothingAsked ? w.looked : w.checked}{' '}
      <strong>
        <When at={report.checkedAt} as="ago" />
      </strong>{' '}
      {words.trigger[report.trigger]}
      {only !== undefined && revision !== null && (
        <>
          {' · '}
          {w.revision}{' '}
          <strong>
            <Text value={revision} />
          </strong>
          {isDeployed(only, deployed) && <>, {w.deployed}</>}
          {deployed !== undefined && !isDeployed(only, deployed) && (
            <>
              , {w.deployedOther}{' '}
              <strong>
                <Text value={withShortHex(deployed)} />
              </strong>
            </>
          )}
          {deployed === undefined && <>, {w.notDeployed}</>}
        </>
      )}
      {' · '}
      {nothingAsked && !blockedElsewhere ? (
        w.nothingBlocked
      ) : (
        <>
          {w.project}{' '}
          <strong>
            <Text value={report.application.project} />
          </strong>
          {!nothingAsked && ` ${words.enforcement[report.enforcement]}`}
        </>
      )}
    </p>
  );
}
