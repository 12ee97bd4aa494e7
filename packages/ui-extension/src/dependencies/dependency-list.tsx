import type { Dependency } from '@source-integrity/core/contract';
import * as React from 'react';
import { Disclosure } from '../text/disclosure.tsx';
import { Icon } from '../text/icon.tsx';
import { Text } from '../text/text.tsx';
import { words } from '../words.ts';

/** What the chart brings along, and whether the signature says anything about it. */
export function DependencyList(props: { readonly dependencies: readonly Dependency[] }): React.JSX.Element | null {
  const { dependencies } = props;
  if (dependencies.length === 0) return null;
  const w = words.dependencies;
  const outside = dependencies.filter((each) => !each.vendored).length;
  return (
    <Disclosure title={w.heading(dependencies.length)}>
      <p>
        {w.covered} {outside > 0 && w.notCovered(outside)}
      </p>
      <table className="si-table">
        <thead>
          <tr>
            <th scope="col">{w.name}</th>
            <th scope="col">{w.version}</th>
            <th scope="col">{w.coverage}</th>
          </tr>
        </thead>
        <tbody>
          {dependencies.map((each, index) => (
            <tr key={index}>
              <td data-label={w.name}>
                <Text value={each.name} />
                <div className="si-quiet">
                  <Text value={each.repository} />
                </div>
              </td>
              <td data-label={w.version}>
                <Text value={each.version} />
              </td>
              <td data-label={w.coverage}>
                <Icon name={each.vendored ? 'check-circle' : 'minus-circle'} tone={each.vendored ? 'ok' : 'unknown'} />{' '}
                {each.vendored ? w.vendored : w.fetched}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </Disclosure>
  );
}
