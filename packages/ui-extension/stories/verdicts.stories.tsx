import type { Report } from '@source-integrity/core/contract';
import type { Meta, StoryObj } from '@storybook/react-vite';
import { expect, userEvent } from 'storybook/test';
import { outside, Shown, ShownNarrow, shows } from './shown.tsx';
import { fiveSources, fortySources, hostile, states } from './states.ts';

const meta = { title: 'Verdicts', component: Shown } satisfies Meta<typeof Shown>;
export default meta;

type Story = StoryObj<typeof meta>;

const story = (report: Report, sentence: RegExp): Story => ({ args: { report }, play: shows(sentence) });
const dark = (light: Story): Story => ({ ...light, globals: { theme: 'dark' } });

export const Verified = story(states.verified, /^Verified: chart payments 1\.4\.2 is signed by Acme Release/);
export const VerifiedDark = dark(Verified);
export const VerifiedBySubkeyThatEndsSoon = story(states.verifiedBySubkey, /^Verified: /);
export const TenSigners: Story = {
  args: { report: states.tenSigners },
  play: async ({ canvas }) => {
    const more = await canvas.findByRole('button', { name: 'Show 7 more signers' });
    await expect(canvas.getAllByText('Fingerprint')).toHaveLength(3);
    await userEvent.click(more);
    await expect(canvas.getAllByText('Fingerprint')).toHaveLength(10);
  },
};
export const OtherSigner = story(states.otherSigner, /^Sync is blocked: chart payments 1\.4\.2 is signed by "Jane Roe/);
export const OtherSignerDark = dark(OtherSigner);
export const UnknownKey = story(states.unknownKey, /^Sync is blocked: .* not in the key ring \(843B…8762\)$/);
export const Tampered = story(states.tampered, /^Sync is blocked: chart payments 1\.4\.2 /);
export const TamperedDark = dark(Tampered);
export const AnotherVersion = story(states.anotherVersion, /^Sync is blocked: /);
export const ExpiredKey = story(states.expiredKey, /^Sync is blocked: .* expired/);
export const Unsigned = story(states.unsigned, /^Sync is blocked: .* has no provenance file/);
export const UnsignedDark = dark(Unsigned);
export const CouldNotCheck = story(states.couldNotCheck, /^Sync is blocked: .* could not be checked/);
export const CouldNotCheckDark = dark(CouldNotCheck);
export const Checking = story(states.stillVerifying, /still being verified/);
export const CheckingDark = dark(Checking);
export const Unsupported = story(states.unsupported, /^Sync is blocked: artifact ghcr\.io\/acme\/config 2\.1\.0 /);
export const UnsupportedDark = dark(Unsupported);
export const SignedButNotRequired = story(
  states.signedButNotRequired,
  /^Signed by Acme Release .*\. No policy requires it\.$/,
);
export const SignedButNotRequiredDark = dark(SignedButNotRequired);
export const UnsignedAndNotRequired = story(states.unsignedNotRequired, /is not signed\. No policy requires it\.$/);
export const TamperedThoughNotRequired = story(states.tamperedNotRequired, /No policy requires it\.$/);
export const CouldNotCheckNotRequired = story(
  states.couldNotCheckNotRequired,
  /could not be checked.*No policy requires it\.$/,
);
export const NotLookedAt = story(states.notLookedAt, /was not looked for/);
export const ModeNone = story(states.modeNone, /mode none/);
export const GitSource = story(states.git, /^Not required here/);
export const PartiallyVerified = story(states.partiallyVerified, /^Verified where it is required: 1 of 2 charts/);
export const PartiallyVerifiedDark = dark(PartiallyVerified);
export const OnlyWarned = story(states.warned, /^Sync would be blocked if this project enforced: /);
export const NotEnforced = story(states.notEnforced, /^Sync is allowed, for nothing is enforced: /);
export const Exempted = story(states.exempted, /^Sync is allowed by an exemption: /);
export const Replaced = story(states.replaced, /^Sync is blocked: chart payments 1\.4\.2 was replaced: /);
export const ReplacedDark = dark(Replaced);
export const PolicyError = story(states.policyError, /^Sync is blocked: chart payments 1\.4\.2 cannot be judged/);
export const Uncovered = story(states.uncovered, /^Sync is blocked: /);
export const NoSuchProject = story(states.noProject, /^Sync is blocked: application payments belongs to/);
export const CodeOfAnotherVersion = story(states.unknownCode, /signature-of-tomorrow/);
export const FiveSources = story(fiveSources, /^Sync is blocked: .*; 1 more source has a problem$/);
export const FiveSourcesDark = dark(FiveSources);
export const FortySources = story(fortySources, /^Sync is blocked: /);
export const HostileText: Story = {
  args: { report: hostile },
  play: async ({ canvas, canvasElement }) => {
    await canvas.findAllByText('U+202E');
    await expect(outside(canvasElement)).toEqual([]);
    await expect(canvasElement.querySelector('img, script')).toBeNull();
  },
};

/** Enforcement that does not hold is told beside a verdict that is good, and nothing is called blocked that passes. */
export const LetThroughWhileAway: Story = {
  args: { report: states.letThrough },
  play: async ({ canvas }) => {
    await canvas.findByText(/^Enforcement is set, but the gate’s webhook lets syncs through while the server is away/);
    await canvas.findByText(/^The pin’s webhook is not installed/);
  },
};
export const GateMissing = story(states.gateMissing, /^Sync would be blocked if the gate were installed: /);
export const LetThroughWhileAwayDark = dark(LetThroughWhileAway);

const narrow = (wide: Story): Story => ({ ...wide, render: ShownNarrow });
export const OtherSignerNarrow = narrow(OtherSigner);
export const TenSignersNarrow = narrow(TenSigners);
export const HostileTextNarrow = narrow(HostileText);
export const FiveSourcesNarrow = narrow(FiveSources);
