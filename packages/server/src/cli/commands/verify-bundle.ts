import { Digest, sha256, type SignedArtifact, verifyArtifact } from '@source-integrity/core';
import { answer, exitOf } from '../answers.ts';
import { choice, type Command, moment, type OptionValues, required, text, UsageError } from '../command.ts';
import { readInput } from '../input-files.ts';
import { artifactPage } from '../presentation/artifact-page.ts';
import { readWantedSignature, SIGNATURE_OPTIONS, SIGNATURE_USAGE } from '../signature-options.ts';
import { trustRows } from './verify-oci.ts';

/** Core says of a larger one that it is too large. */
const MAX_BUNDLE_BYTES = 16 * 1024 * 1024;
const MAX_ARTIFACT_BYTES = 512 * 1024 * 1024;

export const verifyBundle: Command = {
  words: ['verify', 'bundle'],
  synopsis:
    '--bundle <file> (--artifact <file> | --digest sha256:<hex>) (--key <pem>... | --certificate-identity <text> --certificate-oidc-issuer <url>) [options]',
  operands: [],
  summary: 'Verifies a Sigstore bundle in a file, of a file or of what has a digest; asks nobody.',
  usage: [
    '--bundle <file>          the bundle, as "cosign sign-blob --bundle" writes it',
    '--artifact <file>        what it is for,',
    '--digest sha256:<hex>    or its digest: of a manifest in a registry, for example',
    ...SIGNATURE_USAGE,
  ],
  options: {
    bundle: { type: 'string' },
    artifact: { type: 'string' },
    digest: { type: 'string' },
    ...SIGNATURE_OPTIONS,
  },
  common: true,
  async run({ options, terminal }) {
    choice(options, 'output', ['table', 'json']);
    choice(options, 'strict-rules', ['on', 'off']);
    const now = moment(options);
    const path = required(options, 'bundle');
    requireOneArtifact(options);
    const { requirement, warnings } = await readWantedSignature(options, now);
    const content = await readInput({ what: 'The bundle', path, maxBytes: MAX_BUNDLE_BYTES });
    const { artifact, named } = await readArtifact(options);
    const place = { kind: 'bundle-file' as const, location: path };
    const { observation } = verifyArtifact(
      artifact,
      [{ format: 'bundle', place, content }],
      [{ ...place, found: `${content.length} bytes` }],
      requirement,
      now,
    );
    answer(terminal, options, observation, () =>
      artifactPage({
        subject: `Artifact ${named}`,
        observation,
        searched: [],
        warnings,
        evidence: [['bundle', path, sha256(content)], ['artifact', named, artifact.digest], ...trustRows(requirement)],
      }),
    );
    return exitOf(observation.status);
  },
};

function requireOneArtifact(options: OptionValues): void {
  const [path, digest] = [text(options, 'artifact'), text(options, 'digest')];
  if (path !== undefined && digest !== undefined) {
    throw new UsageError('--artifact and --digest exclude each other: the digest of a file is calculated here.');
  }
  if (path === undefined && digest === undefined) {
    throw new UsageError('--artifact is needed, or --digest: a bundle is for something.');
  }
}

async function readArtifact(
  options: OptionValues,
): Promise<{ readonly artifact: SignedArtifact; readonly named: string }> {
  const path = text(options, 'artifact');
  if (path !== undefined) {
    const content = await readInput({ what: 'The artifact', path, maxBytes: MAX_ARTIFACT_BYTES });
    return { artifact: { kind: 'file', digest: sha256(content), content }, named: path };
  }
  const digest = Digest.safeParse(text(options, 'digest'));
  if (digest.success) return { artifact: { kind: 'file', digest: digest.data, content: null }, named: digest.data };
  throw new UsageError(
    `--digest takes sha256: and 64 lower-case hex digits, and got ${JSON.stringify(text(options, 'digest'))}.`,
  );
}
