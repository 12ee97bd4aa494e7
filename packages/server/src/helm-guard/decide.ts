import type { GuardedCall } from '../guard/wire.ts';
import { version } from '../version.ts';
import { askServer } from './ask-server.ts';
import { keepPolicy, readKeptPolicy } from './kept-policy.ts';
import { keepReceipt } from './kept-receipts.ts';
import { type Ahead, openAhead } from './open-request.ts';
import { readAnswer } from './read-answer.ts';
import type { GuardSettings } from './settings.ts';

/** {@link decide} for what Helm is still downloading: what does not depend on that is done meanwhile. */
export function deciding(settings: GuardSettings): (call: GuardedCall, tell: Tell) => Promise<boolean> {
  const ahead = openAhead(settings);
  return (call, tell) => decide(call, settings, tell, ahead);
}

type Tell = (line: string) => void;

/** Whether what was downloaded may be rendered: as the server says, or, without it, the last policy it told. */
export async function decide(
  call: GuardedCall,
  settings: GuardSettings,
  tell: Tell,
  ahead: Ahead | null = null,
): Promise<boolean> {
  const kept = readKeptPolicy(settings.stateFolder);
  const answered = await askServer(
    { guard: version, policy: 'missing' in kept ? null : kept.digest, call },
    settings,
    ahead,
  );
  const answer = readAnswer(answered);
  if (answer === null) {
    const { withoutServer } = await import('./without-server.ts');
    const { isLet, sentence } = withoutServer(call, kept, settings, unansweredBecause(answered));
    if (sentence !== null) tell(sentence);
    return isLet;
  }
  const { action, sentences, policy, receipt } = answer;
  if (policy !== null) {
    const failed = keepPolicy(settings.stateFolder, { ...policy, at: new Date().toISOString() });
    if (failed !== null) tell(`The policy could not be kept (${failed}): while the server is away, nothing passes.`);
  }
  if (receipt !== null && call.kind === 'pull') keepReceipt(settings.stateFolder, call, receipt);
  if (action !== 'allow') for (const sentence of sentences) tell(sentence);
  return action !== 'refuse';
}

function unansweredBecause(answered: unknown): string {
  const isReason = typeof answered === 'object' && answered !== null && 'unanswered' in answered;
  return isReason ? String(answered.unanswered) : 'the server gave an answer that this guard cannot read';
}
