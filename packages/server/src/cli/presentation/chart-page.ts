import { type Observation, wording } from '@source-integrity/core/contract';
import { type SkipWords, SKIP_WORDS, signedBy, writeFindings } from './findings.ts';
import { Page, type Row } from './page.ts';

export interface ChartAnswer {
  /** How sentences name the chart. */
  readonly subject: string;
  readonly observation: Observation;
  /** Whether `--keys` named the trusted ones. */
  readonly keysNamed: boolean;
  /** What was looked at: file or address, digest. */
  readonly evidence: readonly Row[];
  /** What else should be said of the answer, in whole sentences. */
  readonly notes: readonly string[];
}

const ANY_KEY: SkipWords = { ...SKIP_WORDS, 'no-policy': 'any key of the key ring counts, since --keys names none' };

/** The verdict in a sentence, and then everything that it rests on. */
export function chartPage({ subject, observation, keysNamed, evidence, notes }: ChartAnswer): string {
  const page = new Page();
  page.line(`${observation.status}: ${verdictSentence(subject, observation, keysNamed)}`);
  for (const note of notes) page.line(note);
  writeFindings(page, observation, subject, ANY_KEY);
  page.heading('Evidence').table(evidence, 2);
  return page.text();
}

function verdictSentence(subject: string, observation: Observation, keysNamed: boolean): string {
  if (observation.status !== 'verified') return wording(observation.problems[0], subject).sentence;
  return `${subject} is signed by ${signedBy(observation)}, ${keysNamed ? 'whom --keys trusts' : 'a key of the key ring'}.`;
}
