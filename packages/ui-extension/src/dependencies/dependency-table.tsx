import type { Dependency } from '@source-integrity/core/contract';
import * as React from 'react';
import { Icon } from '../text/icon.tsx';
import { Text } from '../text/text.tsx';
import { words } from '../words.ts';

/** What the chart brings along, and whether the signature says anything about it. */
export function DependencyTable(props: { readonly dependencies: readonly Dependency[] }): React.JSX.Element {
  const { dependencies } = props;
  const w = words.dependencies;
  return (
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
              <div>
                {' '}
                <Text value={each.name} />
                <div className="si-quiet">
                  <Text value={each.repository} />
                </div>
              </div>
            </td>
            <td data-label={w.version}>
              <Text value={each.version} />
            </td>
            <td data-label={w.coverage}>
              <span>
                <Icon name={each.vendored ? 'check-circle' : 'minus-circle'} tone={each.vendored ? 'ok' : 'unknown'} />{' '}
                {each.vendored ? w.vendored : w.fetched}
              </span>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
