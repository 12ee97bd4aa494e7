import { describe, expect, it, vi } from 'vitest';
import { register } from '../../src/host/register.ts';

const tab = (): null => null;
const panel = (): null => null;
const flyout = (): null => null;

describe('registration', () => {
  it('puts the tab and the status panel item into Argo CD', () => {
    const api = { registerResourceExtension: vi.fn(), registerStatusPanelExtension: vi.fn() };
    register(api, tab, panel, flyout);
    expect(api.registerResourceExtension).toHaveBeenCalledWith(tab, 'argoproj.io', 'Application', 'Source Integrity', {
      icon: 'fa-shield-halved',
    });
    expect(api.registerStatusPanelExtension).toHaveBeenCalledWith(
      panel,
      'Source Integrity',
      'source-integrity',
      flyout,
    );
  });

  it('happens once, however often the file is loaded', () => {
    const api = { registerResourceExtension: vi.fn(), registerStatusPanelExtension: vi.fn() };
    register(api, tab, panel, flyout);
    register(api, tab, panel, flyout);
    expect(api.registerResourceExtension).toHaveBeenCalledTimes(1);
    expect(api.registerStatusPanelExtension).toHaveBeenCalledTimes(1);
  });

  it('leaves out what an older host does not know', () => {
    const api = { registerResourceExtension: vi.fn() };
    register(api, tab, panel, flyout);
    expect(api.registerResourceExtension).toHaveBeenCalledTimes(1);
    expect(() => register({}, tab, panel, flyout)).not.toThrow();
    expect(() => register(undefined, tab, panel, flyout)).not.toThrow();
  });
});
