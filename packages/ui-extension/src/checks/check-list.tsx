import {
  CHECK_ORDER,
  type Check,
  type CheckId,
  type Observation,
  type SourceReport,
  wording,
} from '@source-integrity/core/contract';
import * as React from 'react';
import { signersOf } from '../sentence/signer-name.ts';
import { policyName } from '../sentence/policy-name.ts';
import { withShortHex } from '../text/grouping.ts';
import { ShortDigest } from '../text/hex.tsx';
import { Icon } from '../text/icon.tsx';
import { readableSize } from '../text/size.ts';
import { Text } from '../text/text.tsx';
import { When } from '../text/when.tsx';
import { words } from '../words.ts';

const icons = { passed: 'check-circle', failed: 'times-circle', error: 'question-circle', skipped: 'minus-circle' };
const tones = { passed: 'ok', failed: 'failed', error: 'unknown', skipped: 'quiet' };

/** The five checks, always in the same order, each with a word on what it rests on. */
export function CheckList(props: { readonly source: SourceReport; readonly found: Observation }): React.JSX.Element {
  return (
    <section>
      <h5 className="si-label">{words.checks}</h5>
      <ul className="si-checks">
        {CHECK_ORDER.map((id) => props.found.checks.find((check) => check.id === id))
          .filter((check) => check !== undefined)
          .map((check) => (
            <li key={check.id} className="si-checks__item">
              <Icon name={icons[check.outcome]} tone={tones[check.outcome]} />
              <div>
                {words.check[check.id]}
                <span className="si-unseen">: {words.outcome[check.outcome]}</span>
                <div className="si-checks__evidence">
                  <Evidence check={check} {...props} />
                </div>
              </div>
            </li>
          ))}
      </ul>
    </section>
  );
}

function Evidence(props: {
  readonly check: Check;
  readonly source: SourceReport;
  readonly found: Observation;
}): React.JSX.Element {
  switch (props.check.outcome) {
    case 'skipped':
      return <>{words.skipped[props.check.reason]}</>;
    case 'failed':
    case 'error':
      return <Text value={withShortHex(wording(props.check.problem, 'It').sentence)} />;
    case 'passed':
      return passed(props.check.id, props.source, props.found);
  }
}

function passed(id: CheckId, source: SourceReport, found: Observation): React.JSX.Element {
  const signer = signersOf(found)[0];
  switch (id) {
    case 'signature-found': {
      if (signer !== undefined && signer.kind !== 'pgp') return <>{words.signer.format[signer.format]}</>;
      const file = source.evidence.find((item) => item.kind === 'provenance');
      const { length } = source.evidence.filter((item) => item.kind === 'signature');
      return file === undefined ? (
        <>{length === 0 ? words.outcome.passed : words.passed.beside(length)}</>
      ) : (
        <>
          <Text value={lastPart(file.location)} />, {readableSize(file.size)}
        </>
      );
    }
    case 'signature-valid':
      return signer === undefined ? (
        <>{words.outcome.passed}</>
      ) : (
        <>
          {signer.algorithm}
          {signer.hash !== null && `, ${signer.hash}`}
          {signer.signedAt !== null && (
            <>
              , {words.passed.made} <When at={signer.signedAt} as="ago" />
            </>
          )}
        </>
      );
    case 'signer-trusted': {
      const entry = source.policy.requirements.find(({ mode }) => mode !== 'none');
      return <>{entry === undefined ? words.passed.anybody[signer?.kind ?? 'pgp'] : policyName(entry.ref)}</>;
    }
    case 'artifact-integrity':
      return (
        <>
          {source.digest !== null && <ShortDigest value={source.digest} />} {words.passed.agrees}
        </>
      );
    case 'transparency-log':
      return signer === undefined || signer.kind === 'pgp' || signer.logIndex === null ? (
        <>{words.outcome.passed}</>
      ) : (
        <>{words.passed.logged(signer.logIndex)}</>
      );
  }
}

function lastPart(location: string): string {
  return (
    location
      .replace(/[?#].*$/, '')
      .split('/')
      .pop() ?? location
  );
}
