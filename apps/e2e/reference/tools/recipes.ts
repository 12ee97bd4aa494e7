/** The Go that builds all of them: Argo CD 3.6 and Kubernetes 1.37 refuse an older one. */
export const GO_VERSION = '1.27.3';

interface Recipe {
  /** The folder beside this file with the `go.mod` and `go.sum` that pin the tool and all that it is made of. */
  readonly module: string;
  readonly package: string;
  /** `-X` for the linker: without it a tool that is built from another module does not know its version. */
  readonly variables?: Readonly<Record<string, string>>;
}

const KUBERNETES = {
  'k8s.io/component-base/version.gitVersion': 'v1.37.0',
  'k8s.io/component-base/version.gitMajor': '1',
  'k8s.io/component-base/version.gitMinor': '37',
};

const RECIPES = {
  helm: {
    module: 'helm',
    package: 'helm.sh/helm/v4/cmd/helm',
    variables: { 'helm.sh/helm/v4/internal/version.version': 'v4.3.1' },
  },
  cosign: {
    module: 'cosign',
    package: 'github.com/sigstore/cosign/v3/cmd/cosign',
    variables: { 'sigs.k8s.io/release-utils/version.gitVersion': 'v3.1.3' },
  },
  crane: { module: 'crane', package: 'github.com/google/go-containerregistry/cmd/crane' },
  fulcio: { module: 'fulcio', package: 'github.com/sigstore/fulcio' },
  'timestamp-authority': { module: 'timestamp-authority', package: '.' },
  'rekor-server-posix': {
    module: 'rekor-tiles',
    package: 'github.com/sigstore/rekor-tiles/v2/cmd/rekor-server/posix',
  },
  'registry-with-referrers': { module: 'registry-with-referrers', package: '.' },
  argocd: {
    module: 'argocd',
    package: 'github.com/argoproj/argo-cd/v3/cmd',
    variables: { 'github.com/argoproj/argo-cd/v3/common.version': '3.6.1' },
  },
  'kube-apiserver': {
    module: 'argocd',
    package: 'k8s.io/kubernetes/cmd/kube-apiserver',
    variables: KUBERNETES,
  },
  kubectl: { module: 'argocd', package: 'k8s.io/kubernetes/cmd/kubectl', variables: KUBERNETES },
} as const satisfies Readonly<Record<string, Recipe>>;

export type Tool = keyof typeof RECIPES;

export const TOOLS = Object.keys(RECIPES).filter(isTool);

export function isTool(name: string): name is Tool {
  return Object.hasOwn(RECIPES, name);
}

export function recipeOf(tool: Tool): Recipe {
  return RECIPES[tool];
}
