import type { PgpSigner, Report } from '@source-integrity/core/contract';
import * as React from 'react';
import { signerName, signersOf } from '../sentence/signer-name.ts';
import { Icon } from '../text/icon.tsx';
import { Prose } from '../text/prose.tsx';
import { Text } from '../text/text.tsx';
import { endsSoon } from '../text/time.ts';
import { Now, When } from '../text/when.tsx';
import { words } from '../words.ts';

/** Keys that still sign for this Application, and soon no longer will: in time, with what to do. */
export function Expiring({ report }: { readonly report: Report }): React.JSX.Element {
  const now = React.useContext(Now);
  const w = words.banner.expiring;
  return (
    <>
      {keysOf(report).map(({ signer, at }) =>
        endsSoon(Date.parse(at), now) ? (
          <p key={signer.fingerprint} className="si-line">
            <Icon name="hourglass-half" tone="unknown" />{' '}
            <strong>
              <Text value={w.key(signerName(signer))} /> <When at={at} as="date" />.
            </strong>{' '}
            <Prose value={w.whatToDo} />
          </p>
        ) : null,
      )}
    </>
  );
}

/** Each key once, of sources that are well. */
function keysOf(report: Report): { readonly signer: PgpSigner; readonly at: string }[] {
  const keys = new Map<string, { readonly signer: PgpSigner; readonly at: string }>();
  for (const { verdict } of report.sources) {
    if (verdict.status !== 'verified') continue;
    for (const signer of signersOf(verdict)) {
      if (signer.kind !== 'pgp' || signer.expiresAt === null) continue;
      keys.set(signer.fingerprint, { signer, at: signer.expiresAt });
    }
  }
  return [...keys.values()];
}
