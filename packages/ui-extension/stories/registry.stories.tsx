import type { Report } from '@source-integrity/core/contract';
import type { Meta, StoryObj } from '@storybook/react-vite';
import { expect, userEvent } from 'storybook/test';
import { registryStates as states } from './registry.ts';
import { Shown, ShownNarrow, shows } from './shown.tsx';

const meta = { title: 'In registries', component: Shown } satisfies Meta<typeof Shown>;
export default meta;

type Story = StoryObj<typeof meta>;

const story = (report: Report, sentence: RegExp): Story => ({ args: { report }, play: shows(sentence) });
const dark = (light: Story): Story => ({ ...light, globals: { theme: 'dark' } });
const narrow = (wide: Story): Story => ({ ...wide, render: ShownNarrow });

export const KeyVerified = story(states.keyVerified, /^Verified: chart payments 1\.4\.2 is signed by key release-2026/);
export const KeyFailed = story(states.keyFailed, /^Sync is blocked: .* is not signed by release-2026, release-2025/);
export const KeyOfCertificate = story(states.keyOfCertificate, /^Sync is blocked: .* trusts only keys/);
export const KeyUnsigned = story(states.keyUnsigned, /^Sync is blocked: .* has no cosign signature$/);
export const KeyUnsignedNarrow = narrow(KeyUnsigned);
export const KeyUnsupported = story(states.keyUnsupported, /^Sync is blocked: .* signed in a form .* \(Notation\)$/);

/** Who signed, from which build, when, and where that is logged. */
export const KeylessVerified: Story = {
  ...story(states.keylessVerified, /^Verified: .* is signed by https:\/\/github\.com\/acme/),
  play: async (context) => {
    await shows(/^Verified: /)(context);
    const { canvas } = context;
    await expect(canvas.getByText('entry 183204991')).toBeVisible();
    await expect(canvas.getByText('https://github.com/acme/charts')).toBeVisible();
    await expect(canvas.getByText('refs/tags/v1.4.2')).toBeVisible();
    await userEvent.click(canvas.getByRole('button', { name: 'Check it yourself' }));
    await canvas.findByText(/^cosign verify --certificate-identity /);
    await userEvent.click(canvas.getByRole('button', { name: 'Evidence' }));
    await canvas.findByText(/signature-[0-9a-f]{12}\.json/);
  },
};
export const KeylessVerifiedDark = dark(KeylessVerified);
export const KeylessVerifiedNarrow = narrow(KeylessVerified);
export const KeylessByAPerson = story(states.keylessPerson, /signed by release@acme\.test/);

/** What differs is marked where it begins to. */
export const KeylessOtherIdentity: Story = {
  ...story(states.keylessIdentity, /^Sync is blocked: /),
  play: async (context) => {
    await shows(
      /^Sync is blocked: .* is signed by "…\/rehearsal\.yaml@refs\/tags\/v1\.4\.2" instead of "…\/release\.yaml@/,
    )(context);
    await expect(context.canvasElement.querySelector('mark')?.textContent).toBe('differs: hearsal');
  },
};
export const KeylessOtherIdentityDark = dark(KeylessOtherIdentity);
export const KeylessOtherIdentityNarrow = narrow(KeylessOtherIdentity);
export const KeylessOtherIssuer: Story = {
  ...story(states.keylessIssuer, /^Sync is blocked: /),
  play: async (context) => {
    await shows(/^Sync is blocked: .* "gitlab\.acme\.test" vouched for instead of "token\.actions\./)(context);
    await expect(context.canvasElement.querySelector('mark')?.textContent).toMatch(/^differs: gitlab/);
  },
};
export const KeylessOnlyPart = story(states.keylessPart, /^Sync is blocked: .* matches only a part$/);
export const KeylessUnlogged = story(
  states.keylessUnlogged,
  /^Sync is blocked: .* without an entry in a transparency log$/,
);
export const KeylessUnsigned = story(states.keylessUnsigned, /^Sync is blocked: .* has attestations/);
export const KeylessUnsupported = story(states.keylessUnsupported, /^Sync is blocked: .* of a version that cannot/);
export const LegacyVerified = story(states.legacyVerified, /^Verified: /);
export const LegacyVerifiedDark = dark(LegacyVerified);
export const LegacyFailed = story(states.legacyFailed, /^Sync is blocked: .* signature of another artifact/);
export const SignedButNotRequired = story(states.notRequired, /^Signed by https:.* No policy requires it\.$/);
export const ArtifactFailed = story(
  states.artifactFailed,
  /^Sync is blocked: artifact config 2\.1\.0 is not signed by/,
);
