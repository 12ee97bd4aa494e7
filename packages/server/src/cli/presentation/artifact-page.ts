import { type Location, type Observation, type Problem, wording } from '@source-integrity/core/contract';
import { type SkipWords, SKIP_WORDS, signedBy, writeFindings, writeProblems } from './findings.ts';
import { Page, type Row } from './page.ts';

export interface ArtifactAnswer {
  /** How sentences name the artifact. */
  readonly subject: string;
  readonly observation: Observation;
  /** What was looked at: place, size, digest. */
  readonly evidence: readonly Row[];
  /** Where signatures were looked for; empty where nobody looked. */
  readonly searched: readonly Location[];
  /** Of the trust root. */
  readonly warnings: readonly Problem[];
}

const WORDS: SkipWords = {
  ...SKIP_WORDS,
  'does-not-apply': 'no log entry, and none is asked for',
  'no-policy': 'any key of the key ring counts, since --keys names none',
  'not-looked-up': 'no trust root to check the log entry with: --insecure-ignore-tlog without --trusted-root',
};

const PLACES: Readonly<Record<Location['kind'], string>> = {
  'provenance-url': 'provenance file',
  'provenance-file': 'provenance file',
  'provenance-layer': 'provenance layer',
  referrers: 'referrers API',
  'fallback-tag': 'fall-back tag',
  'signature-tag': 'signature tag',
  'bundle-file': 'bundle',
};

/** The verdict in a sentence, and then everything that it rests on. */
export function artifactPage({ subject, observation, evidence, searched, warnings }: ArtifactAnswer): string {
  const page = new Page();
  page.line(`${observation.status}: ${verdictSentence(subject, observation)}`);
  writeFindings(page, observation, subject, WORDS);
  writeProblems(page, warnings, subject, 0, 'The trust root');
  if (searched.length > 0) page.heading('Looked for signatures').table(searched.map(placeRow), 2);
  page.heading('Evidence').table(evidence, 2);
  return page.text();
}

function verdictSentence(subject: string, observation: Observation): string {
  if (observation.status !== 'verified') return wording(observation.problems[0], subject).sentence;
  return `${subject} is signed by ${observation.signers.map((signer) => signedBy({ signers: [signer] })).join(', and by ')}.`;
}

function placeRow({ kind, location, found }: Location): Row {
  return [PLACES[kind], location, found];
}
