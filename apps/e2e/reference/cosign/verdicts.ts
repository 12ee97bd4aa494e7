import { execFile } from 'node:child_process';
import { Observation } from '@source-integrity/core';
import { run } from '../../../../packages/server/src/cli/run.ts';

export interface ToolVerdict {
  readonly verdict: 'accepted' | 'rejected' | 'errored';
  /** Why: a problem's code or codes of warnings, or the sentence of the tool. */
  readonly because: string;
}

/** What cosign says where it has looked and not found what was wanted. Whatever else it says is an error. */
const REJECTED = [
  /no matching (?:signatures|attestations)/,
  /no signatures found/,
  /failed to verify/,
  /invalid signature when/,
  // Of a trust root that names a log without a start.
  /loading trusted root: tlog missing public key validity period start time/,
  // Of a file's bundle that it cannot read, or takes for one of its own older form.
  /validation error: missing verification material/,
  /--trusted-root only supported with --new-bundle-format/,
];

const TIMEOUT_MS = 60_000;

/** The verdict of the real cosign. */
export async function cosignVerdict(
  cosign: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): Promise<ToolVerdict> {
  return new Promise((resolve) => {
    const environment = { ...process.env, ...env };
    execFile(cosign, args, { env: environment, timeout: TIMEOUT_MS, maxBuffer: 1 << 26 }, (error, _, stderr) => {
      if (error === null) return resolve({ verdict: 'accepted', because: '' });
      const said = /^Error: (.*)$/m.exec(stderr)?.[1] ?? stderr.trim();
      const rejected =
        REJECTED.some((each) => each.test(said)) && !/connection refused|no such host|i\/o timeout/.test(said);
      resolve({ verdict: rejected ? 'rejected' : 'errored', because: said.slice(0, 300) });
    });
  });
}

/** Problems of a source that could not be asked, or of ourselves: no verdict at all. */
const OPERATIONAL = /^(?:fetch-|oci-(?:rate-limited|challenge|token))/;

/** Our verdict, by the command line's own code in this process. */
export async function ourVerdict(args: readonly string[]): Promise<ToolVerdict> {
  let out = '';
  let err = '';
  const status = await run([...args, '--output', 'json'], {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
    stdin: async () => '',
  });
  if (err !== '' || out === '') return { verdict: 'errored', because: err };
  const said = verdictOf(Observation.parse(JSON.parse(out)));
  return (status === 0) === (said.verdict === 'accepted') ? said : { verdict: 'errored', because: `status ${status}` };
}

export function verdictOf(observation: Observation): ToolVerdict {
  if (observation.status === 'verified') {
    return { verdict: 'accepted', because: observation.warnings.map(({ code }) => code).join(' ') };
  }
  const codes = observation.problems.map(({ code }) => code);
  const failed = codes.some((code) => OPERATIONAL.test(code));
  return { verdict: failed ? 'errored' : 'rejected', because: codes[0] ?? 'no problem' };
}
