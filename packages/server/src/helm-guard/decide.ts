import { vouchesFor } from '../guard/receipt.ts';
import { GuardAnswer, type GuardedCall } from '../guard/wire.ts';
import { version } from '../version.ts';
import { askServer } from './ask-server.ts';
import { keepPolicy, readKeptPolicy } from './kept-policy.ts';
import { keepReceipt, keptReceipt } from './kept-receipts.ts';
import { type Ahead, openAhead } from './open-request.ts';
import { type GuardSettings, MAX_AUTHORITY_BYTES } from './settings.ts';
import { readSmallFile } from './small-file.ts';

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
  const answer = GuardAnswer.safeParse(answered);
  if (!answer.success) {
    const { withoutServer } = await import('./without-server.ts');
    const vouched = !('missing' in kept) && isVouchedFor(call, kept.digest, settings);
    const { isLet, sentence } = withoutServer(call, kept, vouched, unansweredBecause(answered));
    if (sentence !== null) tell(sentence);
    return isLet;
  }
  const { action, sentences, policy, receipt } = answer.data;
  if (policy !== null) {
    const failed = await keepPolicy(settings.stateFolder, { ...policy, at: new Date().toISOString() });
    if (failed !== null) tell(`The policy could not be kept (${failed}): while the server is away, nothing passes.`);
  }
  if (receipt !== null && call.kind === 'pull') await keepReceipt(settings.stateFolder, call, receipt);
  if (action !== 'allow') for (const sentence of sentences) tell(sentence);
  return action !== 'refuse';
}

/** Whether the server said lately that exactly these bytes are verified, and it was the server that said so. */
function isVouchedFor(call: GuardedCall, policy: string, { stateFolder, caFile }: GuardSettings): boolean {
  if (call.kind !== 'pull') return false;
  const receipt = keptReceipt(stateFolder, call);
  if (receipt === null) return false;
  try {
    const authority = readSmallFile(caFile, MAX_AUTHORITY_BYTES);
    return vouchesFor(receipt, { call, policy, authority, now: new Date() });
  } catch {
    return false;
  }
}

function unansweredBecause(answered: unknown): string {
  const isReason = typeof answered === 'object' && answered !== null && 'unanswered' in answered;
  return isReason ? String(answered.unanswered) : 'the server gave an answer that this guard cannot read';
}
