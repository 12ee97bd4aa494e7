import type { Location, Observation, SourceReport } from '@source-integrity/core/contract';
import * as React from 'react';
import { CheckList } from '../checks/check-list.tsx';
import { comparisonsOf } from '../comparison/compared.ts';
import { Comparison } from '../comparison/comparison.tsx';
import { Coverage } from '../dependencies/coverage.tsx';
import { EvidenceList } from '../evidence/evidence-list.tsx';
import { CommitFacts } from '../git/commit-facts.tsx';
import { gitResult } from '../git/git-results.ts';
import { PolicyFacts } from '../policy/policy-facts.tsx';
import { ProposedPolicy } from '../policy/proposed-policy.tsx';
import { Reproduction } from '../reproduction/reproduction.tsx';
import { concernsOf, warningsOf } from '../sentence/concerns.ts';
import { signersOf } from '../sentence/signer-name.ts';
import { verdictStanding } from '../sentence/standing.ts';
import { capitalised, subjectOf } from '../sentence/subject.ts';
import { SignerFacts } from '../signer/signer-facts.tsx';
import { StandingLabel } from '../text/icon.tsx';
import { Text } from '../text/text.tsx';
import { words } from '../words.ts';
import { ProblemList } from './problem-list.tsx';
import type { SourceSurroundings } from './surroundings.ts';

/** Everything about one source: its checks beside what matters for this verdict, then signer and policy, then proof. */
export function SourceDetails(props: SourceSurroundings & { readonly source: SourceReport }): React.JSX.Element {
  const { source, keys, report } = props;
  if (source.verdict.status === 'not-required' && source.verdict.reason === 'git') {
    return <CommitFacts result={gitResult(source, props.git)} project={report.application.project} />;
  }
  const found: Observation | null = source.verdict.status === 'not-required' ? source.verdict.observed : source.verdict;
  const signers = signersOf(source.verdict);
  const comparisons = found === null ? [] : comparisonsOf(found);
  const problems = concernsOf(source);
  const subject = capitalised(subjectOf(source));
  // What matters for this verdict stands beside the checks, the rest below; no column is left empty.
  const differs = comparisons.length > 0;
  const proposable = report.sources.length > 1 || problems.length > 0;
  const signer = signers.length > 0 && <SignerFacts signers={signers} />;
  const coverage = <Coverage source={source} />;
  const policy = <PolicyFacts policy={source.policy} keys={keys} />;
  return (
    <>
      {/* With one source and one problem the banner has said it all. */}
      {(report.sources.length > 1 || problems.length > 1) && (
        <ProblemList heading={words.sources.problems} concerns={problems} />
      )}
      <ProblemList
        heading={words.sources.warnings}
        concerns={warningsOf(source.verdict).map((problem) => ({ subject, problem }))}
        mild
      />
      {found !== null && source.verdict.status === 'not-required' && (
        <div className="si-observed">
          <span className="si-label">{words.sources.observed}:</span>{' '}
          <StandingLabel standing={verdictStanding(found)} />
        </div>
      )}
      {found !== null && (
        <div className="si-columns">
          <div>
            <CheckList source={source} found={found} />
            {differs && source.proposedPolicy !== null && coverage}
          </div>
          <div>
            {comparisons.map((each, index) => (
              <Comparison key={index} {...each} keys={keys} />
            ))}
            {differs && source.proposedPolicy === null && coverage}
            {found.status === 'unsigned' && <Searched locations={found.searched} />}
            {!differs && signer}
            {proposable && <ProposedPolicy source={source} />}
            {source.digest === null && policy}
          </div>
        </div>
      )}
      {(found === null || source.digest !== null) && (
        <div className="si-columns si-columns--even">
          {differs && signer}
          {policy}
          {!differs && coverage}
        </div>
      )}
      <div className="si-folds">
        <EvidenceList items={source.evidence} evidence={props.evidence} />
        <Reproduction lines={source.reproduce} />
      </div>
    </>
  );
}

function Searched(props: { readonly locations: readonly Location[] }): React.JSX.Element {
  return (
    <section>
      <h5 className="si-label">{words.sources.searched}</h5>
      <ul className="si-list">
        {props.locations.map((each, index) => (
          <li key={index}>
            <code className="si-code">
              <Text value={each.location} />
            </code>
            <div className="si-quiet">
              {words.sources.place[each.kind]}: <Text value={each.found} />
            </div>
          </li>
        ))}
      </ul>
    </section>
  );
}
