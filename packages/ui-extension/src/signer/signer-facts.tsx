import type { CosignKeySigner, KeylessSigner, PgpSigner, Signer } from '@source-integrity/core/contract';
import * as React from 'react';
import { Disclosure } from '../text/disclosure.tsx';
import { Fact, Facts } from '../text/facts.tsx';
import { Hex } from '../text/hex.tsx';
import { Text } from '../text/text.tsx';
import { When } from '../text/when.tsx';
import { words } from '../words.ts';
import { Expiry } from './expiry.tsx';

const w = words.signer;

/** More than these are folded: what follows them is to be seen, too. */
const SHOWN = 3;

/** Who signed, as far as their signature tells. */
export function SignerFacts({ signers }: { readonly signers: readonly Signer[] }): React.JSX.Element {
  return (
    <section>
      <h5 className="si-label">{w.heading}</h5>
      <List signers={signers.slice(0, SHOWN)} />
      {signers.length > SHOWN && (
        <Disclosure title={w.others(signers.length - SHOWN)}>
          <List signers={signers.slice(SHOWN)} />
        </Disclosure>
      )}
    </section>
  );
}

function List({ signers }: { readonly signers: readonly Signer[] }): React.JSX.Element {
  return (
    <>
      {signers.map((signer, index) => (
        <Facts key={index}>
          <One signer={signer} />
        </Facts>
      ))}
    </>
  );
}

function One({ signer }: { readonly signer: Signer }): React.JSX.Element {
  switch (signer.kind) {
    case 'pgp':
      return <Pgp signer={signer} />;
    case 'cosign-key':
      return <CosignKey signer={signer} />;
    case 'keyless':
      return <Keyless signer={signer} />;
  }
}

function Pgp({ signer }: { readonly signer: PgpSigner }): React.JSX.Element {
  return (
    <>
      <Fact name={w.userId}>
        {signer.userIds.length === 0 && w.noUserId}
        {signer.userIds.map((userId, index) => (
          <div key={index}>
            <Text value={userId} />
          </div>
        ))}
      </Fact>
      <Fact name={w.fingerprint}>
        <Hex value={signer.fingerprint} what="fingerprint" />
      </Fact>
      <Fact name={w.keyId}>
        <Hex value={signer.keyId} what="key ID" />
      </Fact>
      {signer.signingFingerprint !== signer.fingerprint && (
        <Fact name={w.signedBy}>
          <Hex value={signer.signingFingerprint} what="fingerprint of the subkey" />
        </Fact>
      )}
      <Made signer={signer} />
      <Fact name={w.validUntil}>
        <Expiry at={signer.expiresAt} />
      </Fact>
    </>
  );
}

function CosignKey({ signer }: { readonly signer: CosignKeySigner }): React.JSX.Element {
  return (
    <>
      <Fact name={w.key}>
        <Text value={signer.keyName} />
      </Fact>
      <Fact name={w.fingerprint}>
        <Hex value={signer.fingerprint} what="fingerprint" />
      </Fact>
      <Made signer={signer} />
      <Stored signer={signer} />
    </>
  );
}

function Keyless({ signer }: { readonly signer: KeylessSigner }): React.JSX.Element {
  const { workflow } = signer;
  return (
    <>
      <Fact name={w.identity}>
        <Hex value={signer.subject} what="identity" />
      </Fact>
      <Fact name={w.issuer}>
        <Hex value={signer.issuer} what="issuer" />
      </Fact>
      {workflow !== null && <Workflow workflow={workflow} />}
      <Made signer={signer} />
      <Stored signer={signer} />
    </>
  );
}

function Made({ signer }: { readonly signer: Signer }): React.JSX.Element {
  return (
    <>
      <Fact name={w.algorithm}>
        {signer.algorithm}
        {signer.hash !== null && `, ${signer.hash}`}
      </Fact>
      {signer.signedAt !== null && (
        <Fact name={w.signed}>
          <When at={signer.signedAt} as="date" />
          {signer.kind === 'keyless' && <div className="si-quiet">{w.timeSource[signer.timeSource]}</div>}
        </Fact>
      )}
    </>
  );
}

/**
 * The build, as the certificate authority attests it. As one property, since React 16 takes a property "ref" for its
 * own, and gives up the page.
 */
function Workflow(props: { readonly workflow: NonNullable<KeylessSigner['workflow']> }): React.JSX.Element {
  const { repository, ref, commit, trigger, run } = props.workflow;
  return (
    <>
      {(repository !== null || ref !== null) && (
        <Fact name={w.workflow}>
          {repository !== null && <Text value={repository} />}
          {ref !== null && (
            <div className="si-quiet">
              <Text value={ref} />
            </div>
          )}
        </Fact>
      )}
      {commit !== null && (
        <Fact name={w.commit}>
          <Hex value={commit} what="commit" />
        </Fact>
      )}
      {(run !== null || trigger !== null) && (
        <Fact name={w.build}>
          {run !== null && <Text value={run} />}
          {trigger !== null && (
            <div className="si-quiet">
              <Text value={w.startedBy(trigger)} />
            </div>
          )}
        </Fact>
      )}
    </>
  );
}

/** Where the signature lies, and in which form. */
function Stored({ signer }: { readonly signer: CosignKeySigner | KeylessSigner }): React.JSX.Element {
  return (
    <>
      {signer.logIndex !== null && <Fact name={w.logIndex}>{signer.logIndex}</Fact>}
      <Fact name={w.form}>
        {w.format[signer.format]}
        <div className="si-quiet">
          <Text value={signer.location} />
        </div>
      </Fact>
      {signer.claimedReference !== null && (
        <Fact name={w.claimed}>
          <Text value={signer.claimedReference} />
          <div className="si-quiet">{w.claimedCaution}</div>
        </Fact>
      )}
    </>
  );
}
