import { describe, expect, it } from 'vitest';
import { GATE_CONDITION } from '../../../src/admission/match-conditions.ts';
import { WebhookConfigurations } from '../../../src/admission/certificates/webhook-configurations.ts';
import { FakeApiServer } from './api-server.ts';

function webhooks(name: string, failurePolicy?: string): { readonly metadata: object; readonly webhooks: object[] } {
  return { metadata: { name }, webhooks: [{ name: 'gate', failurePolicy, clientConfig: {} }] };
}

function open(): { readonly api: FakeApiServer; readonly configurations: WebhookConfigurations } {
  const api = new FakeApiServer();
  return { api, configurations: new WebhookConfigurations({ client: api, name: 'ours' }) };
}

describe('what takes force from enforcement', () => {
  it('is not known before anybody looked, nor where nothing may be read', async () => {
    const { api, configurations } = open();
    expect(configurations.gaps).toBeNull();
    api.failing.set('mutatingwebhookconfigurations', 'forbidden');
    api.failing.set('validatingwebhookconfigurations', 'forbidden');
    expect(await configurations.look()).toHaveLength(2);
    expect(configurations.gaps).toBeNull();
  });

  it('is nothing where both are installed, and Fail is the API server’s own default', async () => {
    const { api, configurations } = open();
    await configurations.look();
    expect(configurations.gaps).toEqual([]);
    api.put('validatingwebhookconfigurations/ours', webhooks('ours'));
    await configurations.look();
    expect(configurations.gaps).toEqual([]);
  });

  it('is a gate that lets syncs through, until it no longer does', async () => {
    const { api, configurations } = open();
    api.put('validatingwebhookconfigurations/ours', webhooks('ours', 'Ignore'));
    await configurations.look();
    expect(configurations.gaps).toEqual(['gate-lets-through']);
    api.put('validatingwebhookconfigurations/ours', webhooks('ours', 'Fail'));
    await configurations.trust([]);
    expect(configurations.gaps).toEqual([]);
  });

  it('is a webhook that is not installed, or whose list is empty', async () => {
    const { api, configurations } = open();
    api.objects.delete('validatingwebhookconfigurations/ours');
    api.put('mutatingwebhookconfigurations/ours', { metadata: { name: 'ours' }, webhooks: [] });
    await configurations.look();
    expect(configurations.gaps).toEqual(['gate-missing', 'pin-missing']);
  });
});

describe('Applications that the gate is not asked about', () => {
  const name = 'kubernetes.io/metadata.name';
  it.each<[string, object | undefined, readonly string[]]>([
    [
      'are those in namespaces that its selector does not name',
      [{ key: name, operator: 'In', values: ['argocd'] }],
      ['team-a'],
    ],
    ['are none where it names them all', [{ key: name, operator: 'In', values: ['team-a', 'argocd'] }], []],
    ['are none where it selects every namespace', [{ key: name, operator: 'Exists' }], []],
    ['are none where it has no selector', undefined, []],
  ])('%s', async (_, matchExpressions, missing) => {
    const { api, configurations } = open();
    const namespaces = ['argocd', 'team-a', 'team-a'];
    expect(configurations.unasked(namespaces)).toEqual([]);
    const webhook = { name: 'gate', namespaceSelector: { matchExpressions }, clientConfig: {} };
    api.put('validatingwebhookconfigurations/ours', { metadata: { name: 'ours' }, webhooks: [webhook] });
    await configurations.look();
    expect(configurations.unasked(namespaces)).toEqual(missing);
  });
});

describe('what keeps the gate from being asked', () => {
  const rule = {
    apiGroups: ['argoproj.io'],
    apiVersions: ['*'],
    operations: ['CREATE', 'UPDATE'],
    resources: ['applications'],
  };
  const leftOut = (namespace: string, name: string): string =>
    `!(object.metadata.namespace == '${namespace}' && object.metadata.?name.orValue('') == '${name}')`;

  async function narrowings(beside: object): Promise<readonly string[]> {
    const { api, configurations } = open();
    expect(configurations.narrowings).toEqual([]);
    const webhook = { name: 'gate', clientConfig: {}, ...beside };
    api.put('validatingwebhookconfigurations/ours', { metadata: { name: 'ours' }, webhooks: [webhook] });
    await configurations.look();
    return configurations.narrowings;
  }

  it.each<[string, object]>([
    ['as it is installed', { rules: [rule], matchConditions: [GATE_CONDITION], objectSelector: {} }],
    ['as the API server fills it in', { rules: [{ ...rule, scope: 'Namespaced' }], namespaceSelector: {} }],
    [
      'in other lines',
      {
        matchConditions: [{ ...GATE_CONDITION, expression: GATE_CONDITION.expression.replaceAll('\n', '\n      ') }],
      },
    ],
    [
      'in two rules',
      {
        rules: [
          { ...rule, operations: ['CREATE'] },
          { ...rule, operations: ['UPDATE'] },
        ],
      },
    ],
    ['about everything', { rules: [{ apiGroups: ['*'], apiVersions: ['*'], operations: ['*'], resources: ['*/*'] }] }],
  ])('is nothing, %s', async (_, webhook) => {
    expect(await narrowings(webhook)).toEqual([]);
  });

  it('is a condition for one Application, be it of self-hosting or of an emergency that is over', async () => {
    const matchConditions = [GATE_CONDITION, { name: 'break-glass-1', expression: leftOut('team-a', 'payments') }];
    expect(await narrowings({ matchConditions })).toEqual([
      `the gate's match condition "break-glass-1" leaves out Application team-a/payments`,
    ]);
  });

  it.each<[string, object, string]>([
    ['another condition', { matchConditions: [{ name: 'x', expression: 'false' }] }, 'is none of these manifests'],
    [
      'one that is like that for an Application, and more',
      { matchConditions: [{ name: 'x', expression: `${leftOut('a', 'b')} && false` }] },
      'is none of these manifests',
    ],
    [
      'its own condition with another expression',
      { matchConditions: [{ ...GATE_CONDITION, expression: 'false' }] },
      "is another than this server's version has",
    ],
    [
      'a selector of labels',
      { objectSelector: { matchLabels: { verified: 'yes' } } },
      "the gate's webhook has an objectSelector",
    ],
    ['rules about creation alone', { rules: [{ ...rule, operations: ['CREATE'] }] }, "gate's rules"],
    ['rules about something else', { rules: [{ ...rule, resources: ['appprojects'] }] }, "gate's rules"],
    ['no rules', { rules: [] }, "gate's rules"],
  ])('is %s', async (_, webhook, sentence) => {
    expect(await narrowings(webhook)).toEqual([expect.stringContaining(sentence)]);
  });
});
