import { GuardAnswer, type GuardedCall } from '../guard/wire.ts';
import { version } from '../version.ts';
import { askServer } from './ask-server.ts';
import { keepPolicy, readKeptPolicy } from './kept-policy.ts';
import type { GuardSettings } from './settings.ts';

/** Whether what was downloaded may be rendered: as the server says, or, without it, the last policy it told. */
export async function decide(
  call: GuardedCall,
  settings: GuardSettings,
  tell: (line: string) => void,
): Promise<boolean> {
  const kept = await readKeptPolicy(settings.stateFolder);
  const answered = await askServer({ guard: version, policy: kept?.digest ?? null, call }, settings);
  const answer = GuardAnswer.safeParse(answered);
  if (!answer.success) {
    const { withoutServer } = await import('./without-server.ts');
    const { isLet, sentence } = withoutServer(call, kept, unansweredBecause(answered));
    if (sentence !== null) tell(sentence);
    return isLet;
  }
  const { action, sentences, policy } = answer.data;
  if (policy !== null) await keepPolicy(settings.stateFolder, { ...policy, at: new Date().toISOString() });
  if (action !== 'allow') for (const sentence of sentences) tell(sentence);
  return action !== 'refuse';
}

function unansweredBecause(answered: unknown): string {
  const isReason = typeof answered === 'object' && answered !== null && 'unanswered' in answered;
  return isReason ? String(answered.unanswered) : 'the server gave an answer that this guard cannot read';
}
