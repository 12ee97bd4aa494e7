import { describe, expect, it } from 'vitest';
import { isLoopback } from '../../src/config/admission-tls.ts';
import { type Config, loadConfig } from '../../src/config/config.ts';
import { type ConfigFault, describeFaults } from '../../src/config/fault.ts';
import { SETTING_FLAGS, SETTINGS, settingsUsage } from '../../src/config/settings.ts';

const TOKEN = 'a-token-of-some-length';
const files = {
  read: (path: string): string => {
    const texts: Readonly<Record<string, string>> = {
      '/run/token': `${TOKEN}\n`,
      '/run/short': 'short',
      '/tls/tls.crt': 'cert',
      '/tls/tls.key': 'key',
    };
    const text = texts[path];
    if (text === undefined) throw new Error(`ENOENT ${path}`);
    return text;
  },
  isFolder: (path: string): boolean => path === '/cluster',
};
const enough = { SOURCE_INTEGRITY_CLUSTER_DIR: '/cluster', SOURCE_INTEGRITY_TOKEN: TOKEN };

function configOf(environment: Record<string, string | undefined>, flags: Record<string, string> = {}): Config {
  const result = loadConfig(flags, { ...enough, ...environment }, files);
  if ('faults' in result) throw new Error(describeFaults(result.faults));
  return result.config;
}

function faultsOf(
  environment: Record<string, string | undefined>,
  flags: Record<string, string> = {},
): readonly ConfigFault[] {
  const result = loadConfig(flags, { ...enough, ...environment }, files);
  return 'faults' in result ? result.faults : [];
}

describe('settings', () => {
  it('have defaults but for the folder and the token', () => {
    const config = configOf({});
    expect(config.listen).toEqual({
      api: { host: '127.0.0.1', port: 8080 },
      admission: { host: '127.0.0.1', port: 8443 },
      operations: { host: '127.0.0.1', port: 9090 },
    });
    expect(config).toMatchObject({
      cluster: { kind: 'manifests', folder: '/cluster' },
      namespace: 'argocd',
      admissionTls: null,
      tokenFile: null,
      webhookConfiguration: 'source-integrity-argocd',
      tokens: [TOKEN],
      destinations: { privateAddresses: 'allow', allowedHosts: [] },
      gate: { automatedBudgetMs: 2000, interactiveBudgetMs: 8000 },
    });
  });

  it('come from the environment, and a flag wins', () => {
    const environment = { SOURCE_INTEGRITY_NAMESPACE: 'gitops', SOURCE_INTEGRITY_API_LISTEN: '0.0.0.0:9000' };
    expect(configOf(environment).namespace).toBe('gitops');
    expect(configOf(environment).listen.api).toEqual({ host: '0.0.0.0', port: 9000 });
    expect(configOf(environment, { namespace: 'other' }).namespace).toBe('other');
  });

  it('take any free port, IPv6 and lists of hosts', () => {
    const config = configOf({
      SOURCE_INTEGRITY_API_LISTEN: '127.0.0.1:0',
      SOURCE_INTEGRITY_ADMISSION_LISTEN: '[::1]:8443',
      SOURCE_INTEGRITY_ALLOWED_HOSTS: 'Charts.example.com, *.acme.example,10.0.0.1,[fd12::1]',
    });
    expect(config.listen.api.port).toBe(0);
    expect(config.listen.admission).toEqual({ host: '::1', port: 8443 });
    expect(config.destinations.allowedHosts).toEqual(['charts.example.com', '*.acme.example', '10.0.0.1', 'fd12::1']);
  });

  it('are each in the usage, secrets by their variable alone', () => {
    expect(settingsUsage()).toHaveLength(Object.keys(SETTINGS).length);
    expect(Object.keys(SETTING_FLAGS)).not.toContain('token');
    expect(settingsUsage().join('\n')).toContain('SOURCE_INTEGRITY_TOKEN ');
  });
});

describe('faults', () => {
  it('come all at once, each with what to write', () => {
    const faults = faultsOf({
      SOURCE_INTEGRITY_CLUSTER_DIR: '/nowhere',
      SOURCE_INTEGRITY_TOKEN: undefined,
      SOURCE_INTEGRITY_API_LISTEN: '8080',
      SOURCE_INTEGRITY_LOG_LEVEL: 'loud',
      SOURCE_INTEGRITY_PRIVATE_ADRESSES: 'deny',
      SOURCE_INTEGRITY_MAX_REDIRECTS: '-1',
    });
    expect(faults.map(({ setting }) => setting).sort()).toEqual([
      'SOURCE_INTEGRITY_API_LISTEN',
      'SOURCE_INTEGRITY_CLUSTER_DIR',
      'SOURCE_INTEGRITY_LOG_LEVEL',
      'SOURCE_INTEGRITY_MAX_REDIRECTS',
      'SOURCE_INTEGRITY_PRIVATE_ADRESSES',
      'SOURCE_INTEGRITY_TOKEN',
    ]);
    expect(describeFaults(faults)).toContain(
      'SOURCE_INTEGRITY_LOG_LEVEL ("loud") is not one of the choices. Write trace or debug',
    );
  });

  it.each([
    ['api-listen', 'localhost'],
    ['api-listen', ':8080'],
    ['api-listen', '127.0.0.1:65536'],
    ['api-listen', '::1:8080'],
    ['api-listen', 'http://127.0.0.1:8080'],
    ['namespace', 'Argo CD'],
    ['namespace', ''],
    ['private-addresses', 'yes'],
    ['allowed-hosts', 'https://charts.example.com'],
    ['allowed-hosts', '*'],
    ['allowed-hosts', 'a.*.example'],
    ['token-realms', 'registry.acme.example'],
    ['token-realms', 'https://registry.acme.example=auth.acme.example'],
    ['connect-timeout-ms', '5s'],
    ['connect-timeout-ms', '0'],
    ['connect-timeout-ms', '1e3'],
    ['max-chart-bytes', '99999999999999999'],
    ['automated-budget-ms', '30000'],
    ['verification-concurrency', '0'],
    ['data-dir', ' '],
  ])('name the flag --%s with the value %j', (flag, value) => {
    const [fault, ...more] = faultsOf({}, { [flag]: value });
    expect(fault).toMatchObject({ setting: `--${flag}`, value });
    expect(more).toEqual([]);
  });

  it('do not include what Kubernetes adds for a Service of our name', () => {
    expect(
      faultsOf({
        SOURCE_INTEGRITY_SERVICE_HOST: '10.0.0.1',
        SOURCE_INTEGRITY_SERVICE_PORT_HTTP: '80',
        SOURCE_INTEGRITY_PORT: 'tcp://10.0.0.1:80',
        SOURCE_INTEGRITY_PORT_80_TCP_ADDR: '10.0.0.1',
        SOURCE_INTEGRITY_ADMISSION_PORT_443_TCP: 'tcp://10.0.0.1:443',
      }),
    ).toEqual([]);
  });

  it('say that a total is less than its part', () => {
    const [fault] = faultsOf({}, { 'request-timeout-ms': '1000', 'connect-timeout-ms': '2000' });
    expect(fault).toMatchObject({ setting: '--request-timeout-ms', write: 'at least 2000' });
  });
});

describe('tokens', () => {
  it('may be two at once, and come from files', () => {
    const config = configOf({
      SOURCE_INTEGRITY_TOKEN: undefined,
      SOURCE_INTEGRITY_TOKEN_FILE: '/run/token',
      SOURCE_INTEGRITY_TOKEN_PREVIOUS: 'the-token-before-that',
    });
    expect(config.tokens).toEqual([TOKEN, 'the-token-before-that']);
  });

  it.each([
    '$source-integrity.token',
    'too short',
    'sixteen chars and spaces',
    'sechzehn-zeichen-ü',
    'two-lines-of\nsixteen',
  ])('are refused without being repeated (%j)', (token) => {
    const [fault, ...more] = faultsOf({ SOURCE_INTEGRITY_TOKEN: token });
    expect(fault).toMatchObject({ setting: 'SOURCE_INTEGRITY_TOKEN', value: null });
    expect(JSON.stringify([fault, ...more])).not.toContain(token.slice(0, 12));
    expect(more).toEqual([]);
  });

  it('that begin with a dollar sign are explained', () => {
    const [fault] = faultsOf({ SOURCE_INTEGRITY_TOKEN: '$source-integrity.token' });
    expect(fault?.wrong).toContain('argocd-secret');
  });

  it('of a file that is bad or not there name the file, not its text', () => {
    const [unreadable] = faultsOf({ SOURCE_INTEGRITY_TOKEN: undefined, SOURCE_INTEGRITY_TOKEN_FILE: '/run/none' });
    expect(unreadable).toMatchObject({ setting: 'SOURCE_INTEGRITY_TOKEN_FILE', value: '/run/none' });
    const [bad] = faultsOf({ SOURCE_INTEGRITY_TOKEN: undefined, SOURCE_INTEGRITY_TOKEN_FILE: '/run/short' });
    expect(bad).toMatchObject({
      setting: 'SOURCE_INTEGRITY_TOKEN_FILE',
      value: '/run/short',
      wrong: 'is shorter than 16 characters',
    });
  });

  it('are not flags, which every process can list', () => {
    expect(faultsOf({ SOURCE_INTEGRITY_TOKEN: undefined }, { token: TOKEN })[0]?.wrong).toBe('is missing');
  });

  it('are given once', () => {
    const [fault] = faultsOf({ SOURCE_INTEGRITY_TOKEN_FILE: '/run/token' });
    expect(fault).toMatchObject({
      setting: 'SOURCE_INTEGRITY_TOKEN_FILE',
      wrong: 'is given beside SOURCE_INTEGRITY_TOKEN',
    });
  });
});

describe('TLS of the webhooks', () => {
  const pair = { 'admission-tls-cert': '/tls/tls.crt', 'admission-tls-key': '/tls/tls.key' };

  it('is needed as soon as another machine can ask', () => {
    expect(faultsOf({}, { 'admission-listen': '0.0.0.0:8443' })[0]).toMatchObject({ setting: '--admission-listen' });
    expect(configOf({}, { 'admission-listen': '0.0.0.0:8443', ...pair }).admissionTls).toEqual({
      kind: 'files',
      certFile: '/tls/tls.crt',
      keyFile: '/tls/tls.key',
    });
  });

  it('is a readable pair', () => {
    expect(faultsOf({}, { 'admission-tls-cert': '/tls/tls.crt' })[0]).toMatchObject({ setting: '--admission-tls-key' });
    expect(faultsOf({}, { ...pair, 'admission-tls-key': '/tls/none' })[0]).toMatchObject({ wrong: 'cannot be read' });
  });

  it.each([
    ['127.0.0.1', true],
    ['127.8.8.8', true],
    ['::1', true],
    ['localhost', true],
    ['0.0.0.0', false],
    ['::', false],
    ['10.0.0.1', false],
    ['charts.localhost', false],
  ])('sees whether %s is loopback: %s', (host, loopback) => expect(isLoopback({ host, port: 1 })).toBe(loopback));
});
