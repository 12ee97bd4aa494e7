import { type Keys, wording } from '@source-integrity/core/contract';
import * as React from 'react';
import type { Loaded } from '../client/state.ts';
import { FailureLine } from '../failure/failure-notice.tsx';
import { policyName } from '../sentence/policy-name.ts';
import { Expiry } from '../signer/expiry.tsx';
import { Disclosure } from '../text/disclosure.tsx';
import { Fact, Facts } from '../text/facts.tsx';
import { Hex } from '../text/hex.tsx';
import { Icon } from '../text/icon.tsx';
import { Text } from '../text/text.tsx';
import { When } from '../text/when.tsx';
import { words } from '../words.ts';

/** The mapping key ID ↔ fingerprint ↔ user IDs ↔ subkeys, and who trusts which key. */
export function KeyList(props: { readonly keys: Loaded<Keys>; readonly onLoad: () => void }): React.JSX.Element {
  return (
    <section className="si-box white-box" aria-label={words.keys.heading}>
      <Disclosure title={words.keys.heading} heading onOpen={props.onLoad}>
        <Content {...props} />
      </Disclosure>
    </section>
  );
}

function Content(props: { readonly keys: Loaded<Keys>; readonly onLoad: () => void }): React.JSX.Element {
  switch (props.keys.phase) {
    case 'absent':
    case 'loading':
      return <p>{words.loading}</p>;
    case 'failed':
      return <FailureLine failure={props.keys.failure} onRetry={props.onLoad} />;
    case 'shown': {
      const { keys, problems } = props.keys.value;
      return (
        <>
          {problems.map((problem, index) => (
            <p key={index} className="si-line">
              <Icon name="triangle-exclamation" tone="unknown" />{' '}
              <Text value={wording(problem, 'The key ring').sentence} /> <Text value={wording(problem, '').remedy} />
            </p>
          ))}
          {keys.length === 0 && <p>{words.keys.empty}</p>}
          <ul className="si-list">
            {keys.map((each) => (
              <li key={each.key.fingerprint} className="si-key">
                <Key entry={each} />
              </li>
            ))}
          </ul>
        </>
      );
    }
  }
}

type KeyEntry = Keys['keys'][number];
type Subkey = KeyEntry['key']['subkeys'][number];

function Key({ entry }: { readonly entry: KeyEntry }): React.JSX.Element {
  const { key, trustedBy } = entry;
  const w = words.keys;
  return (
    <>
      <h4 className="si-key__name">
        {key.userIds.length === 0 && words.signer.noUserId}
        {key.userIds.map((each, index) => (
          <div key={index}>
            <Text value={each.userId} /> {each.revoked && <span className="si-tag">{w.revokedUserId}</span>}
          </div>
        ))}
      </h4>
      <Facts>
        <Fact name={words.signer.fingerprint}>
          <Hex value={key.fingerprint} what="fingerprint" />
        </Fact>
        <Fact name={words.signer.keyId}>
          <Hex value={key.keyId} what="key ID" />
        </Fact>
        <KeyState of={key} />
        {key.subkeys.map((subkey) => (
          <Fact key={subkey.fingerprint} name={w.subkey}>
            <Hex value={subkey.fingerprint} what="fingerprint of the subkey" />
            <div>
              <Hex value={subkey.keyId} what="key ID of the subkey" /> · {subkey.algorithm} ·{' '}
              {subkey.canSign ? w.signs : w.doesNotSign} · {w.state[subkey.state]} · <Expiry at={subkey.expiresAt} />
            </div>
          </Fact>
        ))}
        <Fact name={w.trustedBy}>
          {trustedBy.length === 0 ? w.nobody : <Text value={trustedBy.map(policyName).join(', ')} />}
        </Fact>
        <Fact name={w.entry}>
          <Text value={key.entry} />
        </Fact>
      </Facts>
    </>
  );
}

function KeyState({ of }: { readonly of: Subkey }): React.JSX.Element {
  return (
    <>
      <Fact name={words.signer.algorithm}>
        {of.algorithm} · {words.keys.created.toLowerCase()} <When at={of.createdAt} as="date" />
        {!of.canSign && <> · {words.keys.doesNotSign}</>}
      </Fact>
      <Fact name={words.signer.validUntil}>
        <Expiry at={of.expiresAt} />{' '}
        {of.state === 'revoked' && <span className="si-tag si-tone-failed">{words.keys.state.revoked}</span>}
      </Fact>
    </>
  );
}
