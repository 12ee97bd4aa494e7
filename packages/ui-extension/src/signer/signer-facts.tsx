import type { Signer } from '@source-integrity/core/contract';
import * as React from 'react';
import { Fact, Facts } from '../text/facts.tsx';
import { Hex } from '../text/hex.tsx';
import { Text } from '../text/text.tsx';
import { endsSoon } from '../text/time.ts';
import { Now, When } from '../text/when.tsx';
import { words } from '../words.ts';

/** Who signed, as far as their key tells. */
export function SignerFacts({ signers }: { readonly signers: readonly Signer[] }): React.JSX.Element {
  return (
    <section>
      <h4 className="si-label">{words.signer.heading}</h4>
      {signers.map((signer, index) => (
        <One key={index} signer={signer} />
      ))}
    </section>
  );
}

function One({ signer }: { readonly signer: Signer }): React.JSX.Element {
  const w = words.signer;
  return (
    <Facts>
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
      <Fact name={w.algorithm}>
        {signer.algorithm}, {signer.hash}
      </Fact>
      {signer.signedAt !== null && (
        <Fact name={w.signed}>
          <When at={signer.signedAt} as="date" />
        </Fact>
      )}
      <Fact name={w.validUntil}>
        <Expiry at={signer.expiresAt} />
      </Fact>
    </Facts>
  );
}

/** When a key ends; that it has ended or soon will is said in words. */
export function Expiry({ at }: { readonly at: string | null }): React.JSX.Element {
  const now = React.useContext(Now);
  if (at === null) return <>{words.signer.forever}</>;
  const time = Date.parse(at);
  return (
    <>
      <When at={at} as="date" />
      {time <= now && <span className="si-tag si-tone-failed">{words.signer.expired}</span>}
      {endsSoon(time, now) && <span className="si-tag si-tone-unknown">{words.signer.endsSoon}</span>}
    </>
  );
}
