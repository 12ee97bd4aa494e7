import { describe, expect, it } from 'vitest';
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
