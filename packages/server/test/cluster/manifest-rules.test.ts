import { describe, expect, it } from 'vitest';
import { takeInventory } from '../../src/cluster/manifests/inventory.ts';
import { readManifests } from '../../src/cluster/manifests/read-manifests.ts';
import { application, configMap, policy, project, viewOf } from './objects.ts';

/** Faults in short: line and reason. */
function faults(document: string) {
  return takeInventory(readManifests('all.yaml', document)).faults.map(
    ({ place, reason }) => `${place.replace('all.yaml:', '')}: ${reason}`,
  );
}

const named = (metadata: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: ${metadata}\ndata: {}`;
const secretWith = (rest: string) => `apiVersion: v1\nkind: Secret\nmetadata: {name: x, namespace: argocd}\n${rest}`;

describe('what a cluster takes', () => {
  it.each<[string, string]>([
    ['a ConfigMap', policy],
    ['an Application', application],
    ['an AppProject', project],
    ['every character of a key', configMap('x', '{-._aZ9: text, "1": text, ".a": text}')],
    ['a key of 253 characters', configMap('x', `{${'k'.repeat(253)}: text}`)],
    ['a name of 253 characters', named(`{name: ${'n'.repeat(253)}, namespace: argocd}`)],
    ['a name with dots', named('{name: a.b-c.9, namespace: argocd}')],
    [
      'labels with a prefix, and empty ones',
      named('{name: x, namespace: z, labels: {example.com/a_b: A.b-c_9, e: ""}}'),
    ],
    ['null for an empty text', configMap('x', '{a: }')],
    ['a quoted number and a quoted off', configMap('x', '{a: "1", b: "off"}')],
    ['a dot for a path', application.replace('repoURL:', 'path: ., repoURL:')],
    ['what is a number to YAML 1.1 and a text to Go', configMap('x', '{a: ., b: e5, c: .e5, d: -., e: ._}')],
    ['base64, with line ends', secretWith('data: {a: "YWJj\\nZGVm"}')],
    ['plain text in a Secret', secretWith('stringData: {a: "%%%"}')],
    ['other kinds, whatever is in them', 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: UPPER}'],
    ['kinds of other groups', 'apiVersion: other.io/v1\nkind: Application\nmetadata: {name: UPPER}'],
    ['nothing', '# only a comment'],
  ])('has no fault: %s', (_, document) => {
    expect(faults(document)).toEqual([]);
  });

  it('takes the items of a List, each for itself', () => {
    const items = [JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } }), '{}'];
    expect(faults(`apiVersion: v1\nkind: List\nitems:\n- ${items[0]}\n- ${items[1]}`)).toEqual([
      '4: metadata.namespace is missing',
      '5: kind is missing',
    ]);
  });
});

describe('what a cluster refuses', () => {
  it.each<[string, string, string]>([
    ['no kind', 'apiVersion: v1', '1: kind is missing'],
    ['no apiVersion', 'kind: ConfigMap', '1: apiVersion is missing'],
    [
      'another version',
      'apiVersion: argoproj.io/v1\nkind: Application',
      '1: no Application in argoproj.io/v1; it is in argoproj.io/v1alpha1',
    ],
    [
      'another spelling of the kind',
      'apiVersion: v1\nkind: Configmap',
      '2: no kind "Configmap"; it is called ConfigMap',
    ],
    ['a list in place of an object', '- a', '1: this is not an object of Kubernetes'],
    ['no metadata', 'apiVersion: v1\nkind: Secret', '1: metadata is missing'],
    ['no namespace', named('{name: x}'), '3: metadata.namespace is missing'],
    [
      'an upper-case name',
      named('{name: Policy, namespace: argocd}'),
      '3: metadata.name "Policy" is not an RFC 1123 subdomain',
    ],
    ['a name with an underscore', named('{name: a_b, namespace: argocd}'), '3: metadata.name "a_b" is not'],
    ['a name that is too long', named(`{name: ${'n'.repeat(254)}, namespace: argocd}`), '3: metadata.name "nnn'],
    [
      'a name that is a number',
      named('{name: 1, namespace: argocd}'),
      '3: metadata.name is not a text; put it in quotes',
    ],
    [
      'a namespace with a dot',
      named('{name: x, namespace: a.b}'),
      '3: metadata.namespace "a.b" is not an RFC 1123 label',
    ],
    [
      'a label value with a space',
      named('{name: x, namespace: z, labels: {a: "b c"}}'),
      '3: the value "b c" of the label "a"',
    ],
    [
      'a label value that is too long',
      named(`{name: x, namespace: z, labels: {a: ${'v'.repeat(64)}}}`),
      '3: the value "vvv',
    ],
    [
      'a label key with two slashes',
      named('{name: x, namespace: z, labels: {a/b/c: d}}'),
      '3: the label key "a/b/c" is not',
    ],
    [
      'a label that is a boolean',
      named('{name: x, namespace: z, labels: {a: true}}'),
      '3: metadata.labels.a is a boolean where a text is needed',
    ],
    [
      'an annotation key that is none',
      named('{name: x, namespace: z, annotations: {"a b": c}}'),
      '3: the annotation key "a b"',
    ],
    [
      'an unknown field of the metadata',
      named('{name: x, namespace: z, label: {}}'),
      '3: unknown field "metadata.label"',
    ],
    ['an unknown field', `${policy}\ndate: {}`, '5: unknown field "date"'],
    ['a key with a slash', configMap('x', '{"a/b": c}'), '4: the key "a/b" in data may hold only letters'],
    ['a key with a space', configMap('x', '{"a b": c}'), '4: the key "a b" in data'],
    ['a key of two dots', configMap('x', '{"..a": c}'), '4: the key "..a" in data'],
    ['a key that is too long', configMap('x', `{${'k'.repeat(254)}: c}`), '4: the key "kkk'],
    [
      'an unquoted off, which is a boolean',
      configMap('x', '\n  enforcement: off'),
      '5: data.enforcement is a boolean where a text is needed; put it in quotes',
    ],
    ['a number for a text', configMap('x', '\n  a: b\n  k: 1.10'), '6: data.k is a number where a text is needed'],
    ['a number without digits before its point', configMap('x', '\n  k: .5'), '5: data.k is a number'],
    ['a number with an exponent', configMap('x', '\n  k: 1_0e5'), '5: data.k is a number'],
    ['a map for a text', configMap('x', '\n  a: {b: c}'), '5: data.a is an object where'],
    ['more than 1 MiB', configMap('x', `{a: ${'x'.repeat(1024 * 1024 + 1)}}`), '4: the data is larger than 1 MiB'],
    [
      'what is no base64',
      secretWith('data: {password: hunter2!}'),
      '4: data.password is not base64; write plain text under stringData',
    ],
    ['base64 without its padding', secretWith('data: {a: YWI}'), '4: data.a is not base64'],
    ['an Application without a project', application.replace('  project: team\n', ''), 'spec.project is required'],
    [
      'an Application without a destination',
      application.replace(/ {2}destination.*\n/, ''),
      'spec.destination is required',
    ],
    [
      'a source without a repository',
      application.replace('repoURL: https://charts.example.com, ', ''),
      'spec.source.repoURL is required',
    ],
    [
      'a misspelt field of a source',
      application.replace('targetRevision', 'targetRevison'),
      '8: unknown field "spec.source.targetRevison"',
    ],
    ['a revision that is a number', application.replace('1.4.2', '1.4'), '8: spec.source.targetRevision is not a text'],
    [
      'a misspelt field of a project',
      project.replace('sourceRepos', 'sourceRepo'),
      '5: unknown field "spec.sourceRepo"',
    ],
    [
      'a text for a list',
      project.replace("['https://charts.example.com']", '"*"'),
      '5: spec.sourceRepos is not a list',
    ],
    ['a key that stands twice', 'apiVersion: v1\nkind: ConfigMap\nkind: Secret', '3: Map keys must be unique'],
    ['YAML that is none', 'a: [b', '1: Flow sequence'],
  ])('names line and reason: %s', (_, document, fault) => {
    const found = faults(document);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(fault);
  });

  it('leaves the other documents of the file as they are', async () => {
    const view = await viewOf(application, 'a: [b', project, named('{name: Bad, namespace: argocd}'));
    expect(view.faults).toHaveLength(2);
    expect(view.application('argocd', 'payments').status).toBe('found');
    expect(view.project('team').status).toBe('found');
  });

  it('counts lines through the whole file', async () => {
    const view = await viewOf(policy, project, named('{name: Bad, namespace: argocd}'));
    expect(view.faults).toMatchObject([{ place: 'all.yaml:15' }]);
  });

  it('survives nesting and aliases that are there to harm', () => {
    expect(faults(`a: ${'['.repeat(100_000)}`)).toHaveLength(1);
    const bomb = [
      'a: &a [x, x, x, x, x, x, x, x, x]',
      ...Array.from(
        'bcdefghi',
        (name, at) => `${name}: &${name} [${Array.from({ length: 9 }, () => `*${'abcdefgh'[at]}`).join(', ')}]`,
      ),
    ];
    expect(faults(bomb.join('\n'))).toHaveLength(1);
  });

  it('takes no member from a prototype', async () => {
    const view = await viewOf(
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x, namespace: argocd}\n__proto__: {data: {a: b}}',
    );
    expect(view.faults).toMatchObject([{ reason: 'unknown field "__proto__"' }]);
  });
});
