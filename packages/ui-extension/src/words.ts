import type {
  CheckId,
  Enforcement,
  EvidenceItem,
  Gap,
  Job,
  Location,
  OverallStatus,
  PhaseName,
  Signer,
  SkipReason,
  SourceKind,
  Trigger,
} from '@source-integrity/core/contract';
import type { FailureKind } from './client/failure.ts';
import type { Unreadable } from './git/commit-check.ts';

/** What the tab says of a state in one word, whatever it is the state of. */
export type Standing = OverallStatus | 'checking';

type Explanation = { readonly title: string; readonly whatToDo: string };

const count = (n: number, one: string, many: string = `${one}s`): string => `${n} ${n === 1 ? one : many}`;

/** Everything that the tab says by itself. What the server found is worded by the problem catalogue. */
export const words = {
  title: 'Source Integrity',

  standing: {
    verified: 'Verified',
    'partially-verified': 'Partially verified',
    failed: 'Failed',
    unsigned: 'Unsigned',
    indeterminate: 'Could not check',
    unsupported: 'Unsupported',
    'not-required': 'Not required',
    checking: 'Checking',
  } satisfies Record<Standing, string>,

  kind: {
    'helm-http': 'Helm',
    'helm-oci': 'Helm in OCI',
    oci: 'OCI',
    git: 'Git',
    ref: 'Git, values only',
  } satisfies Record<SourceKind, string>,

  trigger: {
    opened: 'when the tab was opened',
    're-verify': 'on request',
    sync: 'for a sync',
    'automated-sync': 'for an automated sync',
    ahead: 'ahead of a sync',
    'command-line': 'from the command line',
  } satisfies Record<Trigger, string>,

  enforcement: {
    enforce: 'enforces',
    warn: 'only warns',
    off: 'does not enforce',
  } satisfies Record<Enforcement, string>,

  checks: 'Checks',
  check: {
    'signature-found': 'Signature found',
    'signature-valid': 'Signature valid',
    'signer-trusted': 'Signer trusted',
    'artifact-integrity': 'Artifact integrity',
    'transparency-log': 'Transparency log',
  } satisfies Record<CheckId, string>,

  outcome: { passed: 'Passed', failed: 'Failed', error: 'Could not check', skipped: 'Skipped' },

  skipped: {
    'does-not-apply': 'neither this kind of signature nor the policy asks for it',
    'earlier-check-failed': 'not reached: an earlier check failed',
    'no-policy': 'no policy asks for it',
    'not-looked-up': 'not looked up',
  } satisfies Record<SkipReason, string>,

  passed: {
    made: 'made',
    agrees: 'agrees with what was signed',
    anybody: {
      pgp: 'a key of argocd-gpg-keys-cm; no policy says which',
      'cosign-key': 'a key of argocd-cosign-keys-cm; no policy says which',
      keyless: 'an identity that a trust root vouches for; no policy says which',
    } satisfies Record<Signer['kind'], string>,
    beside: (signatures: number): string =>
      signatures === 1 ? 'one beside the artifact' : `${signatures} beside the artifact`,
    logged: (index: number): string => `entry ${index}`,
  },

  phase: {
    resolving: 'Finding the version',
    downloading: 'Downloading',
    verifying: 'Verifying',
    recording: 'Recording the verdict',
  } satisfies Record<PhaseName, string>,

  job: {
    queued: 'Waiting to start',
    running: 'Verifying',
    done: 'Fetching the verdict',
    failed: 'Ended without a verdict',
  } satisfies Record<Job['state'], string>,

  evidence: {
    heading: 'Evidence',
    chart: 'Chart',
    provenance: 'Provenance file',
    manifest: 'Manifest',
    signature: 'Signature',
    download: 'Download',
    show: 'Show',
    hide: 'Hide',
    notKept: 'not kept',
    tooLong: 'Too long to show here; download it.',
    none: 'No evidence was collected.',
  } satisfies Record<EvidenceItem['kind'], string> & Record<string, string>,

  banner: {
    reverify: 'Re-verify',
    reverifying: 'Verifying …',
    whatToDo: 'What to do.',
    by: 'For the',
    checked: 'Checked',
    looked: 'Looked',
    nothingBlocked: 'nothing is blocked',
    deployed: 'this is the deployed revision',
    deployedOther: 'deployed is',
    notDeployed: 'not deployed yet',
    revision: 'revision',
    project: 'project',
    requireFromNow: 'A platform administrator can require this signer from now on:',
    trustCaution: (what: string): string =>
      `Who is trusted here can publish any version of this ${what}. Compare the fingerprint or identity with one that the maintainers publish elsewhere before you add it.`,
    more: (n: number): string => `${count(n, 'more problem')} below.`,
    exempted: (reason: string, until: string): string => `Exempted until ${until}: ${reason}`,
    stale: 'Stale',
    lastHeard: 'last heard from the server',
    goodAllTheSame: (subject: string): string =>
      `The signature is not what stands in the way: ${subject} is signed by whom the policy trusts.`,
    expiring: {
      key: (owner: string): string => `The key of ${owner} ends on`,
      whatToDo:
        'What it signed fails from then on: the chart maintainer extends the key and publishes it, and a platform administrator updates `argocd-gpg-keys-cm`.',
    },
    gap: {
      'gate-missing':
        'Enforcement is set, but the gate’s webhook is not installed: every sync passes. A platform administrator applies the manifests of the webhooks.',
      'gate-lets-through':
        'Enforcement is set, but the gate’s webhook lets syncs through while the server is away (`failurePolicy: Ignore`). A platform administrator installs with `--enforce`, which sets it to `Fail`.',
      'pin-missing':
        'The pin’s webhook is not installed, so that a sync of a range or a tag may be refused. A platform administrator applies the manifests of the webhooks.',
    } satisfies Record<Gap, string>,
    refused: 'A new verification could not be had.',
    endedWithout: 'The verification ended without a verdict. What is shown here is the one before.',
  },

  deployed: {
    was: (revisions: string): string => `What is deployed (${revisions}) was`,
    signer: (source: string, now: string, before: string): string =>
      `Another signer: ${source} is now signed by ${now}; what is deployed was signed by ${before}.`,
    unsigned: (source: string, before: string): string =>
      `Newly unsigned: ${source} has no signature any more; what is deployed was signed by ${before}.`,
    verdict: 'The verdict has changed: this same revision was',
    bytes: (source: string, revision: string): string =>
      `Other bytes: ${source} ${revision} is not what it was when it was verified before, under the same version.`,
  },

  sources: {
    heading: 'Sources',
    none: 'This Application has no source.',
    problems: 'Problems',
    warnings: 'Worth knowing',
    blocked: 'sync blocked',
    searched: 'Where a signature was looked for',
    place: {
      'provenance-url': 'beside the chart',
      'provenance-file': 'beside the chart',
      'provenance-layer': 'provenance layer of the manifest',
      referrers: 'list of referrers',
      'fallback-tag': 'tag that stands in for the list of referrers',
      'signature-tag': 'tag that cosign writes',
      'bundle-file': 'file of a bundle',
    } satisfies Record<Location['kind'], string>,
    observed: 'What was found, though nothing asks for it',
    unresolved: 'not resolved',
    valuesFor: 'values for',
  },

  git: {
    subject: (commit: string, source: string): string => `commit ${commit} of Git source ${source}`,
    isUnsigned: 'is not signed',
    fails: 'does not pass its GPG check',
    blocked: 'Sync is blocked by Argo CD itself',
    one: (name: string): string => `Git source ${name}`,
    several: (n: number): string => `${n} Git sources`,
    clause: {
      verified: (which: string): string => `Argo CD itself has verified the commit of ${which}`,
      partly: (which: string): string => `Argo CD itself has verified the commit of ${which} in part`,
      notRequired: (which: string, project: string): string =>
        `no Git policy of project ${project} asks for a signature of ${which}`,
      unreadable: (which: string): string => `what Argo CD says of the commit of ${which} could not be read`,
      itsOwn: (which: string): string => `the commit of ${which} is Argo CD’s own to verify`,
    },
    whatToDo: (project: string): string =>
      `Sign the commit with a key that the project allows and push it; or a platform administrator adds the key to \`argocd-gpg-keys-cm\` and to the Git policy (\`spec.sourceIntegrity.git\`, or the older \`signatureKeys\`) of project ${project}.`,
    responsible: 'application owner',
    by: 'by Argo CD',
    heading: 'Argo CD’s own check',
    target: 'Commit',
    deployed: 'Deployed commit',
    result: 'Result',
    reasons: 'Argo CD says',
    unresolved: (target: string): string =>
      `Argo CD has not come to a commit for ${target === '' ? 'the default branch' : target} yet.`,
    state: {
      asking: 'Argo CD is being asked; it may have to check the repository out.',
      passed: (checks: string): string => `All that the project’s Git policy asks for: ${checks}.`,
      failed: 'Argo CD refuses to deploy this commit.',
      unsigned: 'The commit is not signed, and Argo CD refuses to deploy it.',
      signed:
        'The signature is good. This version of Argo CD does not say here whether the project allows the key; if not, its comparison fails.',
      'no-policy': (project: string): string =>
        `No signature was checked: no Git policy of project ${project} covers this repository, or GPG is switched off in Argo CD.`,
    },
    unreadable: {
      session: 'Your session has expired: log in again.',
      forbidden: 'Your role may not read this Application’s revisions.',
      'not-found': 'Argo CD does not know this Application or revision (any more).',
      timeout: 'Argo CD took too long to answer.',
      'no-connection': 'There is no connection to Argo CD.',
      malformed: 'The answer is not one that this version knows.',
      error: 'Argo CD could not tell.',
    } satisfies Record<Unreadable, string>,
    caution:
      'Argo CD verifies Git commits itself, when it compares and before it deploys. This is its answer to you, with your session; nothing of it is checked here.',
  },

  comparison: {
    heading: (what: string): string => `Expected and actual ${what}`,
    expected: 'Expected',
    actual: 'Actual',
    differs: 'differs',
  },

  proposed: {
    heading: 'Policy entry that would accept this signer',
    where: (list: string): string =>
      `It goes into \`argocd-source-integrity-cm\`, before the other entries of ${list}: the first that matches counts.`,
    whereNew: 'It goes into `argocd-source-integrity-cm`.',
    copy: 'policy entry',
  },

  signer: {
    heading: 'Signer',
    userId: 'User ID',
    fingerprint: 'Fingerprint',
    keyId: 'Key ID',
    signedBy: 'Signed by subkey',
    key: 'Key',
    identity: 'Identity',
    issuer: 'Issuer',
    workflow: 'Built from',
    commit: 'Commit',
    build: 'Build',
    startedBy: (trigger: string): string => `started by ${trigger}`,
    form: 'Signature',
    format: { bundle: 'Sigstore bundle', legacy: 'cosign, older form' },
    claimed: 'Says it is for',
    claimedCaution: 'in the signer’s words, not checked',
    timeSource: {
      'transparency-log': 'by the clock of the transparency log',
      'timestamp-authority': 'by a timestamp authority',
    },
    logIndex: 'Log index',
    algorithm: 'Algorithm',
    signed: 'Signed',
    validUntil: 'Valid until',
    forever: 'does not expire',
    expired: 'expired',
    endsSoon: 'ends soon',
    others: (n: number): string => `Show ${count(n, 'more signer')}`,
    none: 'Nobody could be named.',
    noUserId: 'no user ID',
  },

  policy: {
    heading: 'Policy',
    entry: 'Entry',
    matchedBy: 'Matched by',
    requires: 'Requires',
    keys: 'Trusted keys',
    signers: 'Trusted signers',
    key: 'key',
    vouched: 'vouched for by',
    shadows: 'Shadows',
    enforcement: 'Enforcement',
    enforcementFrom: {
      everywhere: 'for all projects',
      nowhere: 'since no policy says otherwise',
      entry: (entry: string): string => `by ${entry}`,
    },
    unreadable:
      'The policy has an error, so that nobody can say which entries apply: see the problem above. Until it is corrected, nothing passes.',
    noneMatches: 'No policy entry matches this source.',
    unmatchedDeny: 'The baseline denies what no entry matches.',
    unmatchedAllow: 'The baseline allows what no entry matches.',
    noBaseline: 'No policy for all projects (the baseline) says what then, so nothing is asked.',
    noKeys: 'none: nothing is trusted',
    notMatched: (n: number): string => `${count(n, 'entry', 'entries')} that ${n === 1 ? 'does' : 'do'} not apply`,
    because: {
      'no-glob': 'no URL pattern matches',
      excluded: 'excluded by',
      chart: 'for other charts',
    },
    form: {
      raw: 'the URL as written',
      decoded: 'the URL with percent-encoding undone',
      normal: 'the normalised URL',
      'normal-slash': 'the normalised URL with /',
      artifact: 'repository and chart',
    },
    mode: {
      none: 'no signature (mode none)',
      provenance: (keys: number): string => `provenance by ${keys === 1 ? '1 key' : `one of ${keys} keys`}`,
      signature: (signers: number): string =>
        `a cosign signature by ${signers === 1 ? '1 signer' : `one of ${signers} signers`}`,
    },
  },

  keys: {
    heading: 'Keys in the key ring',
    open: 'Show the keys and who trusts them',
    empty: 'The key ring (argocd-gpg-keys-cm) holds no key.',
    entry: 'Entry',
    created: 'Created',
    trustedBy: 'Trusted by',
    nobody: 'no policy entry of this project',
    subkey: 'Subkey',
    signs: 'signs',
    doesNotSign: 'does not sign',
    revokedUserId: 'revoked',
    state: { valid: 'Valid', expired: 'Expired', revoked: 'Revoked' },
  },

  dependencies: {
    heading: (n: number): string => (n === 1 ? 'Show the dependency' : `Show the ${n} dependencies`),
    vendored: 'inside the signed archive',
    fetched: 'fetched when rendered, not covered by the signature',
    covers: 'What the verdict is about',
    archive: 'Chart archive',
    manifest: 'Manifest',
    seen: 'Downloaded',
    rendered: 'What Argo CD renders',
    atPull: 'These bytes, verified at pull by the guard',
    pulledToo: 'Pulled as this version, too',
    pulled: {
      verified: 'verified at that time,',
      let: 'let through by the guard',
      refused: 'refused by the guard',
    },
    firstPulled: ', first',
    served: 'The repository gave this server',
    atAdmission: 'Checked at admission only: the repo-server’s own download was not seen.',
    dependencies: 'Dependencies',
    none: 'none',
    covered: 'Those inside the archive are covered by its signature.',
    notCovered: (n: number): string =>
      `${count(n, 'dependency', 'dependencies')} outside the archive ${n === 1 ? 'is' : 'are'} not covered by the signature.`,
    name: 'Name',
    version: 'Version',
    coverage: 'Covered',
  },

  history: {
    heading: 'History',
    revision: 'Revision',
    verdict: 'Verdict',
    signer: 'Signer',
    checked: 'Checked',
    deployed: 'deployed',
    signerChanged: 'signer changed',
    bytesChanged: 'other bytes than before',
    was: (before: string): string => `was ${before}`,
    show: 'Show',
    all: 'all verdicts',
    noneSuch: 'None of those that are loaded.',
    empty: 'Nothing has been recorded yet.',
    more: 'Show older',
    git: 'Argo CD’s own checks of Git commits are not recorded here.',
    nobody: '–',
  },

  reproduction: {
    heading: 'Check it yourself',
    copy: 'commands',
    cosign:
      'Any one of the cosign lines suffices. A .pub file holds the key’s entry of argocd-cosign-keys-cm; a .json file the trust root’s entry of argocd-sigstore-trusted-root-cm.',
  },

  panel: { open: 'show why, and what to do' },

  copy: {
    action: (what: string): string => `Copy ${what}`,
    done: (what: string): string => `Copied ${what}`,
    failed: 'The browser does not let this page copy.',
  },

  loading: 'Looking for the verdict …',
  retry: 'Try again',
  asksAgain: 'The tab asks again by itself.',

  crash: {
    title: 'Source Integrity met a fault of its own',
    whatToDo: 'The rest of Argo CD is not affected. Reload the page; if it happens again, report the text below.',
  },

  notAnApplication: {
    title: 'This is not an Application that can be checked',
    whatToDo: 'The object that Argo CD handed over has no name or namespace. Reload the page.',
  },

  failure: {
    'bad-request': {
      title: 'Argo CD did not understand the request',
      whatToDo: 'Reload the page. If it stays, the extension and Argo CD may not fit together: compare their versions.',
    },
    unauthorized: {
      title: 'You may not see this, or your session has expired',
      whatToDo:
        'Log in again. If that does not help, your role may lack the right to use the extension: an administrator adds this line to argocd-rbac-cm, with your role in it.',
    },
    forbidden: {
      title: 'You may not see this',
      whatToDo: 'Ask an administrator of this Argo CD for access to the Application.',
    },
    'extension-missing': {
      title: 'Argo CD does not know the server of this extension',
      whatToDo:
        'A platform administrator sets server.enable.proxy.extension to "true" in argocd-cmd-params-cm, adds extension.config.source-integrity to argocd-cm, and restarts argocd-server.',
    },
    'not-found': {
      title: 'The server does not know this',
      whatToDo: 'It may have been deleted or moved to another project. Reload the page.',
    },
    'rate-limited': {
      title: 'Asked too often',
      whatToDo: 'Wait a little before you ask again.',
    },
    busy: {
      title: 'The Source Integrity server cannot answer now',
      whatToDo: 'It has too much to do, or cannot read what it needs.',
    },
    'backend-down': {
      title: 'The Source Integrity server does not answer',
      whatToDo:
        'There is no new verdict while it is away. A platform administrator looks at the StatefulSet source-integrity-server and at its Service, in Argo CD’s namespace.',
    },
    timeout: {
      title: 'The server took too long to answer',
      whatToDo: 'The verification may still be running there.',
    },
    'no-connection': {
      title: 'There is no connection to Argo CD',
      whatToDo: 'Check your network.',
    },
    malformed: {
      title: 'The answer is not one that this version knows',
      whatToDo:
        'The tab and its server may be of different versions, or something in between answered by itself. Reload the page; if it stays, a platform administrator updates the extension and the server to the same version.',
    },
    'server-error': {
      title: 'The Source Integrity server met a fault',
      whatToDo: 'Nothing was decided by it. A platform administrator finds more in its log, by the request ID.',
    },
  } satisfies Record<FailureKind, Explanation>,

  failureDetail: {
    rbacLine: 'p, <role>, extensions, invoke, source-integrity, allow',
    said: 'It said:',
    got: 'It was:',
    requestId: 'Request ID',
    status: (status: number): string => `HTTP status ${status}`,
    waited: (seconds: number): string => `No answer within ${count(seconds, 'second')}`,
    retryAfter: (seconds: number): string => `Possible again in ${count(seconds, 'second')}`,
  },
} as const;
