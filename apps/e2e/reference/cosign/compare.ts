import type { Case } from './case.ts';
import { pushSignatures } from './signatures.ts';
import { rulesFor, STRICTER_RULES } from './stricter-rules.ts';
import { cosignVerdict, ourVerdict, type ToolVerdict } from './verdicts.ts';
import type { World } from './world.ts';

export interface Compared {
  readonly ours: ToolVerdict;
  readonly cosigns: ToolVerdict;
  /** Why the two do not go together; null: they do. */
  readonly fault: string | null;
}

/** Asks both tools about a case. */
export async function compare(world: World, each: Case): Promise<Compared> {
  const asked = await pushed(world, each);
  const [cosigns, ours] = await Promise.all([
    cosignVerdict(world.cosign, asked.cosign, { ...world.env, ...asked.env }),
    ourVerdict(asked.ours),
  ]);
  return { ours, cosigns, fault: faultOf(each, ours, cosigns) };
}

interface Questions {
  readonly ours: readonly string[];
  readonly cosign: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

const PLACE = '--signature-repository';

async function pushed(world: World, { subject, flags, cosignFlags = [] }: Case): Promise<Questions> {
  switch (subject.kind) {
    case 'file': {
      const { file, bundle } = subject;
      return {
        ours: ['verify', 'bundle', '--artifact', file, '--bundle', bundle, ...flags],
        cosign: ['verify-blob', '--bundle', bundle, ...flags, ...cosignFlags, file],
        env: {},
      };
    }
    case 'pushed':
      return questions(subject.reference, flags, cosignFlags);
    case 'artifact': {
      const repository = world.repository(subject.registry);
      const artifact = await world.artifact(repository);
      const reference = `${repository.path}@${artifact.digest}`;
      if (subject.elsewhere === undefined) {
        await pushSignatures(repository, artifact, subject.signatures);
        return questions(reference, flags, cosignFlags);
      }
      const place = world.repository(subject.registry);
      await pushSignatures(place, artifact, subject.signatures);
      const asked = subject.elsewhere === 'and asked there' ? [PLACE, place.path] : [];
      return questions(reference, [...flags, ...asked], cosignFlags);
    }
  }
}

/** The same flags for both, but for the repository of signatures, which cosign takes from its environment. */
function questions(reference: string, flags: readonly string[], cosignFlags: readonly string[]): Questions {
  const at = flags.indexOf(PLACE);
  const place = at < 0 ? undefined : flags[at + 1];
  const shared = at < 0 ? flags : flags.toSpliced(at, 2);
  return {
    ours: ['verify', 'oci', reference, ...flags, '--plain-http'],
    cosign: ['verify', ...shared, ...cosignFlags, '--allow-http-registry', reference],
    env: place === undefined ? {} : { COSIGN_REPOSITORY: place },
  };
}

function faultOf({ expected, class: caseClass }: Case, ours: ToolVerdict, cosigns: ToolVerdict): string | null {
  if (cosigns.verdict === 'errored') return 'cosign has not answered the question';
  if (ours.verdict === 'errored') return 'we have not answered the question';
  if (ours.verdict === 'accepted' && cosigns.verdict === 'rejected') {
    return expected === 'cosign stops at a bundle' ? null : 'WE ACCEPT WHAT COSIGN REJECTS';
  }
  if (expected === 'cosign stops at a bundle') return 'cosign was to stop at the bundle, and we were to look further';
  if (ours.verdict === 'rejected' && cosigns.verdict === 'accepted') {
    const rules = rulesFor(ours.because, caseClass);
    if (rules.length === 0) return 'no rule says why we are stricter than cosign';
    if (expected === 'any') return null;
    if (typeof expected === 'string') return `${expected} was expected, and we are stricter`;
    const { codes }: { readonly codes: readonly string[] } = STRICTER_RULES[expected.stricter];
    return codes.includes(ours.because) ? null : `it was to fail by "${expected.stricter}"`;
  }
  if (typeof expected === 'object') return `we were to be stricter by "${expected.stricter}"`;
  if (expected === 'both accept' && ours.verdict !== 'accepted') return 'both were to accept it';
  if (expected === 'both reject' && ours.verdict !== 'rejected') return 'both were to reject it';
  return null;
}
