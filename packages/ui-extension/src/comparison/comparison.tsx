import type { Keys } from '@source-integrity/core/contract';
import * as React from 'react';
import { Copy } from '../text/copy.tsx';
import { Text } from '../text/text.tsx';
import { words } from '../words.ts';
import type { Compared } from './compared.ts';
import { difference } from './difference.ts';
import { userIdOf } from './user-id.ts';

export function Comparison(props: Compared & { readonly keys: Keys | null }): React.JSX.Element {
  const { what, expected, actual, keys } = props;
  const against = expected.length === 1 ? expected[0] : undefined;
  return (
    <section className="si-comparison-section">
      <h5 className="si-label">{words.comparison.heading(what)}</h5>
      <dl className="si-comparison">
        {expected.map((value) => (
          <Side key={`expected ${value}`} side="expected" value={value} what={what} keys={keys} />
        ))}
        {actual.map((value) => (
          <Side key={`actual ${value}`} side="actual" value={value} what={what} keys={keys} against={against ?? ''} />
        ))}
      </dl>
    </section>
  );
}

function Side(props: {
  readonly side: 'expected' | 'actual';
  readonly value: string;
  readonly what: string;
  readonly keys: Keys | null;
  readonly against?: string;
}): React.JSX.Element {
  const owner = props.keys === null ? null : userIdOf(props.value, props.keys);
  return (
    <div className={`si-comparison__side si-comparison__side--${props.side}`}>
      <dt>{words.comparison[props.side]}</dt>
      <dd>
        <div className="si-comparison__value">
          <code className="si-code">
            {props.against === undefined ? (
              <Marked value={props.value} from={-1} end={0} />
            ) : (
              <Differing {...props} against={props.against} />
            )}
          </code>
          {owner !== null && (
            <div>
              <Text value={owner} />
            </div>
          )}
        </div>
        <Copy value={props.value} what={`${words.comparison[props.side].toLowerCase()} ${props.what}`} />
      </dd>
    </div>
  );
}

function Differing(props: { readonly value: string; readonly against: string }): React.JSX.Element {
  const at = difference(props.against, props.value);
  return at === null ? (
    <Marked value={props.value} from={-1} end={0} />
  ) : (
    <Marked value={props.value} from={at.start} end={at.end} />
  );
}

/** The text with what differs in bold and underlined; long hex in groups of four. `from` below 0: nothing differs. */
function Marked(props: { readonly value: string; readonly from: number; readonly end: number }): React.JSX.Element {
  const { value, from } = props;
  const hexAt = /^(?:sha(?:256|384|512):)?(?=[0-9a-fA-F]{16,}$)/.exec(value)?.[0].length;
  const spaced = (text: string, offset: number): string =>
    hexAt === undefined
      ? text
      : text.replace(/[0-9a-fA-F]/g, (digit, index: number) => {
          const position = offset + index - hexAt;
          return position > 0 && position % 4 === 0 ? ` ${digit}` : digit;
        });
  if (from < 0) return <Text value={spaced(value, 0)} />;
  const end = value.length - props.end;
  const differs = spaced(value.slice(from, end), from);
  const apart = differs.startsWith(' ');
  return (
    <>
      {from > 0 && <Text value={spaced(value.slice(0, from), 0)} />}
      {apart && ' '}
      <mark className="si-differs">
        <span className="si-unseen">{words.comparison.differs}: </span>
        <Text value={apart ? differs.slice(1) : differs} />
      </mark>
      {props.end > 0 && <Text value={value.slice(end)} />}
    </>
  );
}
