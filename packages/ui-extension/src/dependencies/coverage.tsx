import type { OtherPull, SourceReport } from '@source-integrity/core/contract';
import * as React from 'react';
import { Disclosure } from '../text/disclosure.tsx';
import { Fact, Facts } from '../text/facts.tsx';
import { Hex } from '../text/hex.tsx';
import { Icon } from '../text/icon.tsx';
import { When } from '../text/when.tsx';
import { words } from '../words.ts';
import { DependencyTable } from './dependency-table.tsx';

/** What the verdict is about: these bytes, looked at then, and what of the chart lies outside them. */
export function Coverage({ source }: { readonly source: SourceReport }): React.JSX.Element | null {
  const { digest, observedAt, dependencies } = source;
  if (digest === null) return null;
  const w = words.dependencies;
  // Only a chart has any; an artifact of another kind does not even have none.
  const isChart = source.kind === 'helm-http' || source.kind === 'helm-oci';
  const outside = dependencies.filter((each) => !each.vendored).length;
  return (
    <section className="si-coverage">
      <h5 className="si-label">{w.covers}</h5>
      <Facts>
        <Fact name={source.kind === 'helm-http' ? w.archive : w.manifest}>
          <Hex value={digest} what={source.kind === 'helm-http' ? 'digest of the chart' : 'digest of the manifest'} />
        </Fact>
        {observedAt !== null && (
          <Fact name={w.seen}>
            <When at={observedAt} as="ago" />
          </Fact>
        )}
        {source.pull !== undefined && (
          <Fact name={w.rendered}>
            {source.pull === null ? (
              w.atAdmission
            ) : (
              <>
                {w.atPull} <When at={source.pull.at} as="ago" />
              </>
            )}
          </Fact>
        )}
        {source.otherPulls !== undefined && source.otherPulls.length > 0 && (
          <Fact name={w.pulledToo}>
            {source.otherPulls.map((each) => (
              <OtherArchive key={each.digest} {...each} />
            ))}
          </Fact>
        )}
        {(isChart || dependencies.length > 0) && (
          <Fact name={w.dependencies}>
            {dependencies.length === 0 ? w.none : w.covered}
            {outside > 0 && (
              <div className="si-uncovered">
                <Icon name="triangle-exclamation" tone="unknown" /> {w.notCovered(outside)}
              </div>
            )}
          </Fact>
        )}
      </Facts>
      {dependencies.length > 0 && (
        <Disclosure title={w.heading(dependencies.length)}>
          <DependencyTable dependencies={dependencies} />
        </Disclosure>
      )}
    </section>
  );
}

/** An archive that came as the same version, beside the one that this server was given at that time. */
function OtherArchive({ digest, expected, outcome, firstAt, lastAt }: OtherPull): React.JSX.Element {
  const w = words.dependencies;
  return (
    <div className="si-uncovered">
      <div>
        <Icon name="triangle-exclamation" tone="unknown" /> {w.pulled[outcome]} <When at={lastAt} as="ago" />
        {firstAt !== lastAt && (
          <>
            {w.firstPulled} <When at={firstAt} as="ago" />
          </>
        )}
      </div>
      <Hex value={digest} what="digest of the other archive" />
      {expected !== null && (
        <div>
          {w.served} <Hex value={expected} what="digest that the server was given" />
        </div>
      )}
    </div>
  );
}
