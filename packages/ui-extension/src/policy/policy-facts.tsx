import type { Keys, PolicyExplanation } from '@source-integrity/core/contract';
import * as React from 'react';
import { userIdOf } from '../comparison/user-id.ts';
import { trustedSigner, type TrustedSignerText } from './trusted-signer.ts';
import { policyName } from '../sentence/policy-name.ts';
import { Disclosure } from '../text/disclosure.tsx';
import { Fact, Facts } from '../text/facts.tsx';
import { Hex } from '../text/hex.tsx';
import { Text } from '../text/text.tsx';
import { words } from '../words.ts';

/** Why these requirements and no others: which entry, by which pattern, and what it keeps from applying. */
export function PolicyFacts(props: {
  readonly policy: PolicyExplanation;
  readonly keys: Keys | null;
}): React.JSX.Element {
  const { policy, keys } = props;
  const w = words.policy;
  return (
    <section>
      <h5 className="si-label">{w.heading}</h5>
      {policy.requirements.length === 0 && <p className="si-line">{withoutEntry(policy)}</p>}
      {policy.requirements.map((requirement) => (
        <Facts key={policyName(requirement.ref)}>
          <Fact name={w.entry}>
            <Text value={policyName(requirement.ref)} />
          </Fact>
          <Fact name={w.matchedBy}>
            <code className="si-code">
              <Text value={requirement.matched.glob} />
            </code>
            <div className="si-quiet">
              {w.form[requirement.matched.form]}: <Text value={requirement.matched.text} />
            </div>
          </Fact>
          <Fact name={w.requires}>
            {requirement.mode === 'none' ? w.mode.none : w.mode[requirement.mode](requirement.keys.length)}
          </Fact>
          {requirement.mode !== 'none' && (
            <Fact name={requirement.mode === 'provenance' ? w.keys : w.signers}>
              {requirement.keys.length === 0 && w.noKeys}
              {requirement.keys.map((key) => (
                <div key={key} className="si-trusted">
                  {requirement.mode === 'provenance' ? (
                    <TrustedKey id={key} keys={keys} />
                  ) : (
                    <TrustedSigner {...trustedSigner(key)} />
                  )}
                </div>
              ))}
            </Fact>
          )}
          {requirement.shadows.length > 0 && (
            <Fact name={w.shadows}>
              <Text value={requirement.shadows.map(policyName).join(', ')} />
            </Fact>
          )}
        </Facts>
      ))}
      <Facts>
        <Fact name={w.enforcement}>
          {policy.enforcement.value}{' '}
          <span className="si-quiet">
            <Text value={enforcementFrom(policy.enforcement.from)} />
          </span>
        </Fact>
      </Facts>
      {policy.notMatched.length > 0 && (
        <Disclosure title={w.notMatched(policy.notMatched.length)}>
          <ul className="si-list">
            {policy.notMatched.map((each) => (
              <li key={policyName(each.ref)}>
                <Text value={policyName(each.ref)} />: {w.because[each.because]}{' '}
                {each.glob !== null && (
                  <code className="si-code">
                    <Text value={each.glob} />
                  </code>
                )}
              </li>
            ))}
          </ul>
        </Disclosure>
      )}
    </section>
  );
}

function TrustedKey({ id, keys }: { readonly id: string; readonly keys: Keys | null }): React.JSX.Element {
  const owner = keys === null ? null : userIdOf(id, keys);
  return (
    <>
      {owner !== null && <Text value={owner} />} <Hex value={id} what="trusted key" />
    </>
  );
}

function TrustedSigner({ name, issuer }: TrustedSignerText): React.JSX.Element {
  return (
    <>
      {issuer === null && `${words.policy.key} `}
      <Hex value={name} what={issuer === null ? 'trusted key' : 'trusted identity'} />
      {issuer !== null && (
        <div className="si-quiet">
          {words.policy.vouched} <Text value={issuer} />
        </div>
      )}
    </>
  );
}

function withoutEntry(policy: PolicyExplanation): string {
  const w = words.policy;
  if (policy.problems.length > 0) return w.unreadable;
  switch (policy.unmatched) {
    case 'deny':
      return `${w.noneMatches} ${w.unmatchedDeny}`;
    case 'allow':
      return `${w.noneMatches} ${w.unmatchedAllow}`;
    case null:
      return `${w.noneMatches} ${w.noBaseline}`;
  }
}

/** Where it is said: the server names the ConfigMap's key, or says that nothing is said. */
function enforcementFrom(from: string): string {
  const w = words.policy.enforcementFrom;
  if (from === 'enforcement') return w.everywhere;
  return from === 'default' ? w.nowhere : w.entry(from);
}
