import { describe, expect, it } from 'vitest';
import { changeMark, identify } from '../../src/host/application.ts';

const application = (spec: object = {}, status: object = {}): object => ({
  metadata: { name: 'payments', namespace: 'argocd' },
  spec: { project: 'shop', ...spec },
  status,
});

describe('the Application that the host hands over', () => {
  it('is named by namespace, name and project', () => {
    expect(identify(application())).toEqual({ namespace: 'argocd', name: 'payments', project: 'shop' });
  });

  it('is of the project "default" where it names none', () => {
    expect(identify(application({ project: '' }))?.project).toBe('default');
    expect(identify({ metadata: { name: 'a', namespace: 'b' } })?.project).toBe('default');
  });

  it.each([undefined, null, 'payments', {}, { metadata: { name: 'a' } }, { metadata: { name: '', namespace: 'b' } }])(
    'is not one when it is %j',
    (resource) => {
      expect(identify(resource)).toBeNull();
    },
  );

  it('has changed when its source, what is synced or its operation has', () => {
    const before = changeMark(application());
    expect(changeMark(application({ source: { targetRevision: '2' } }))).not.toBe(before);
    expect(changeMark(application({}, { sync: { revision: '2' } }))).not.toBe(before);
    expect(changeMark(application({}, { operationState: { phase: 'Succeeded' } }))).not.toBe(before);
  });

  it('has not changed when only it was reconciled', () => {
    expect(changeMark(application({}, { reconciledAt: '2026-11-22T00:00:00Z' }))).toBe(changeMark(application()));
  });
});
