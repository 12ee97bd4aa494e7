import * as React from 'react';
import type { Concern } from '../sentence/concerns.ts';
import { wording } from '@source-integrity/core/contract';
import { capitalised } from '../sentence/subject.ts';
import { Icon } from '../text/icon.tsx';
import { Prose } from '../text/prose.tsx';
import { Text } from '../text/text.tsx';
import { words } from '../words.ts';

/** Problems in whole sentences, each with what to do and who can. */
export function ProblemList(props: {
  readonly heading: string;
  readonly concerns: readonly Concern[];
  /** Where it stands: `h5`, among what is said of one source, where it is left out. */
  readonly level?: 'h4';
  /** Worth knowing only. */
  readonly mild?: boolean;
}): React.JSX.Element | null {
  if (props.concerns.length === 0) return null;
  const mild = props.mild === true;
  const Heading = props.level ?? 'h5';
  return (
    <section className="si-problems">
      <Heading className="si-label">{props.heading}</Heading>
      <ul className="si-list">
        {props.concerns.map((concern, index) => {
          const { sentence, remedy, responsible } = wording(concern.problem, capitalised(concern.subject));
          return (
            <li key={index} className="si-problems__item">
              <Icon name={mild ? 'circle-info' : 'circle-exclamation'} tone={mild ? 'unknown' : 'failed'} />
              <div>
                <strong>
                  <Text value={sentence} />
                </strong>{' '}
                <Prose value={remedy} />{' '}
                <span className="si-quiet">
                  {words.banner.by} {responsible}.
                </span>
              </div>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
