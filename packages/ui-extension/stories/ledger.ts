import {
  problem,
  type History,
  type HistoryEntry,
  type Job,
  type Keys,
  type PgpSigner,
  type Signer,
} from '@source-integrity/core/contract';
import { acme, ago, allow, digestOf, jane, refusal, requiring, subkeySigner } from './reports.ts';

const HOUR = 3_600_000;

function entry(
  id: string,
  hours: number,
  revision: string,
  status: HistoryEntry['status'],
  signers: Signer[],
): HistoryEntry {
  return {
    id,
    checkedAt: ago(hours * HOUR),
    trigger: 'automated-sync',
    status,
    decision: status === 'verified' ? allow : { ...refusal([]), because: ['signer-not-trusted'] },
    sources: [{ name: 'payments', revision, digest: digestOf('c684'), status, signers }],
  };
}

export const history: History = {
  entries: [
    entry('5', 0.03, '1.4.2', 'failed', [jane]),
    entry('4', 6, '1.4.1', 'verified', [acme]),
    entry('3', 30, '1.4.1', 'indeterminate', []),
    entry('2', 300, '1.4.0', 'verified', [acme]),
  ],
  next: null,
};

/** The same application while all went well. */
export const goodHistory: History = {
  entries: [entry('6', 0.03, '1.4.2', 'verified', [acme]), ...history.entries.slice(1)],
  next: null,
};

/** The key was revoked after its chart had been deployed. */
export const revokedHistory: History = {
  entries: [entry('7', 0.03, '1.4.1', 'failed', [acme]), ...history.entries.slice(1)],
  next: null,
};

/** A second key was taken into the policy, and signs from now on. */
export const changedHistory: History = {
  entries: [entry('5', 0.03, '1.4.2', 'verified', [jane]), ...history.entries.slice(1)],
  next: null,
};

export const unsignedHistory: History = {
  entries: [entry('5', 0.03, '1.4.2', 'unsigned', []), ...history.entries.slice(1)],
  next: null,
};

const unasked = (id: string, hours: number, revision: string): HistoryEntry => ({
  ...entry(id, hours, revision, 'not-required', [acme]),
  trigger: 'opened',
  decision: allow,
});

/** Of an application of which nothing was ever required. */
export const unaskedHistory: History = {
  entries: [unasked('3', 0.03, '1.4.2'), unasked('2', 6, '1.4.1'), unasked('1', 300, '1.4.0')],
  next: null,
};

export const emptyHistory: History = { entries: [], next: null };

const key = (signer: PgpSigner): Keys['keys'][number]['key'] => ({
  fingerprint: signer.fingerprint,
  keyId: signer.keyId,
  algorithm: signer.algorithm,
  createdAt: '2023-01-12T09:00:00.000Z',
  expiresAt: signer.expiresAt,
  canSign: true,
  state: 'valid',
  entry: signer.keyId,
  userIds: signer.userIds.map((userId) => ({ userId, revoked: false })),
  subkeys: [],
});

export const keys: Keys = {
  keys: [
    {
      key: {
        ...key(acme),
        userIds: [
          { userId: 'Acme Release <release@acme.test>', revoked: false },
          { userId: 'Acme Builds <builds@acme.test>', revoked: true },
        ],
        subkeys: [
          {
            fingerprint: subkeySigner.signingFingerprint,
            keyId: subkeySigner.signingKeyId,
            algorithm: 'Ed25519',
            createdAt: '2026-01-12T09:00:00.000Z',
            expiresAt: subkeySigner.expiresAt,
            canSign: true,
            state: 'valid',
          },
        ],
      },
      trustedBy: [requiring],
    },
    { key: key(jane), trustedBy: [] },
    {
      key: {
        ...key(acme),
        fingerprint: 'D65A3D0E2ED23B1F92184A34C21E3F28AC82D3DA',
        keyId: 'C21E3F28AC82D3DA',
        userIds: [],
        expiresAt: '2023-12-31T00:00:00.000Z',
        state: 'expired',
      },
      trustedBy: [],
    },
  ],
  problems: [problem('keyring-keybox', { entry: 'pubring.kbx' })],
};

export const job = (state: Job['state'], phases: number): Job => ({
  id: 'job-1',
  state,
  phases: (['resolving', 'downloading', 'verifying', 'recording'] as const).slice(0, phases).map((name, index) => ({
    name,
    startedAt: ago(4000 - index * 1000),
    finishedAt: index < phases - 1 || state === 'done' ? ago(3000 - index * 1000) : null,
  })),
  requestedAt: ago(4000),
  finishedAt: state === 'done' || state === 'failed' ? ago(0) : null,
  problem: null,
});
