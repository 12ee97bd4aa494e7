import type { Digest, EvidenceItem } from '@source-integrity/core/contract';
import * as React from 'react';
import type { Answer } from '../client/api.ts';
import type { ApiFailure } from '../client/failure.ts';
import { FailureLine } from '../failure/failure-notice.tsx';
import { Action } from '../text/action.tsx';
import { Disclosure } from '../text/disclosure.tsx';
import { Hex } from '../text/hex.tsx';
import { readableSize } from '../text/size.ts';
import { Text } from '../text/text.tsx';
import { words } from '../words.ts';
import { fileName, save } from './save.ts';

/** More than any honest .prov file; beyond it a page would only get slow. */
const MAX_SHOWN_BYTES = 256_000;

type Load = (digest: Digest) => Promise<Answer<Blob>>;

/** What the verdict rests on, to be looked at and taken away. */
export function EvidenceList(props: {
  readonly items: readonly EvidenceItem[];
  readonly evidence: Load;
}): React.JSX.Element {
  return (
    <Disclosure title={words.evidence.heading}>
      {props.items.length === 0 && <p>{words.evidence.none}</p>}
      <ul className="si-list">
        {props.items.map((item, index) => (
          <Item key={index} item={item} load={props.evidence} />
        ))}
      </ul>
    </Disclosure>
  );
}

function Item({ item, load }: { readonly item: EvidenceItem; readonly load: Load }): React.JSX.Element {
  const w = words.evidence;
  const [text, setText] = React.useState<string | null>(null);
  const [failure, setFailure] = React.useState<ApiFailure | null>(null);
  const [busy, setBusy] = React.useState<'download' | 'show' | null>(null);
  const mounted = React.useRef(true);
  React.useEffect(() => {
    mounted.current = true;
    return () => {
      mounted.current = false;
    };
  }, []);

  const fetchFor = async (what: 'download' | 'show', use: (blob: Blob) => void | Promise<void>): Promise<void> => {
    setBusy(what);
    const answer = await load(item.digest);
    if (!mounted.current) return;
    setBusy(null);
    setFailure(answer.ok ? null : answer.failure);
    if (answer.ok) await use(answer.value);
  };
  const download = (): Promise<void> => fetchFor('download', (blob) => save(blob, fileName(item)));
  const show = (): Promise<void> =>
    fetchFor('show', async (blob) => {
      const shown = blob.size > MAX_SHOWN_BYTES ? w.tooLong : await blob.text();
      if (mounted.current) setText(shown);
    });

  return (
    <li className="si-evidence">
      <div>
        <strong>{w[item.kind]}</strong> <Text value={fileName(item)} />, {readableSize(item.size)}
      </div>
      <Hex value={item.digest} what="digest" />
      <div className="si-quiet">
        <Text value={item.location} />
      </div>
      {item.retained ? (
        <div className="si-evidence__actions">
          <Action icon="download" busy={busy === 'download'} onClick={() => void download()}>
            {w.download}
          </Action>
          {item.kind !== 'chart' && (
            <Action
              icon="eye"
              busy={busy === 'show'}
              expanded={text !== null}
              onClick={() => (text === null ? void show() : setText(null))}
            >
              {text === null ? w.show : w.hide}
            </Action>
          )}
        </div>
      ) : (
        <div className="si-quiet">{w.notKept}</div>
      )}
      {failure !== null && <FailureLine failure={failure} />}
      {text !== null && (
        <pre className="si-snippet__text" tabIndex={0} aria-label={w[item.kind]}>
          <Text value={text} />
        </pre>
      )}
    </li>
  );
}
