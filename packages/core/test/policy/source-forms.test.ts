import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sourceForms, type PolicySource } from '../../src/policy/source-forms.ts';

const http = (repoURL: string, chart = 'payments'): PolicySource => ({ kind: 'helm-http', repoURL, chart });
const registry = (repoURL: string, chart = 'payments'): PolicySource => ({ kind: 'helm-oci', repoURL, chart });
const oci = (repoURL: string): PolicySource => ({ kind: 'oci', repoURL, chart: null });

function written(source: PolicySource): string[] {
  const forms = sourceForms(source);
  return 'unclear' in forms ? [forms.unclear] : forms.texts.map(({ form, text }) => `${form} ${text}`);
}

describe('the forms of a source', () => {
  it('are for a chart of an HTTP repository its URL, the same with a slash, and the chart below it', () => {
    expect(written(http('https://charts.example.com/stable'))).toEqual([
      'normal https://charts.example.com/stable',
      'normal-slash https://charts.example.com/stable/',
      'artifact https://charts.example.com/stable/payments',
    ]);
  });

  it('are for a chart in a registry its repository and the chart, with and without oci://', () => {
    expect(written(registry('ghcr.io/acme'))).toEqual([
      'normal oci://ghcr.io/acme',
      'normal-slash oci://ghcr.io/acme/',
      'artifact oci://ghcr.io/acme/payments',
      'normal ghcr.io/acme',
      'normal-slash ghcr.io/acme/',
      'artifact ghcr.io/acme/payments',
    ]);
  });

  it('have the same artifact wherever the path ends and the chart begins', () => {
    const artifact = 'artifact oci://ghcr.io/acme/charts/payments';
    expect(written(registry('ghcr.io/acme', 'charts/payments'))).toContain(artifact);
    expect(written(registry('ghcr.io', 'acme/charts/payments'))).toContain(artifact);
    expect(written(registry('ghcr.io/acme/charts', 'payments'))).toContain(artifact);
  });

  it('are for a plain OCI artifact its repository alone', () => {
    expect(written(oci('oci://ghcr.io/acme/app'))).toEqual([
      'normal oci://ghcr.io/acme/app',
      'normal-slash oci://ghcr.io/acme/app/',
      'normal ghcr.io/acme/app',
      'normal-slash ghcr.io/acme/app/',
    ]);
  });

  it.each([
    'HTTPS://charts.example.com/stable',
    'https://Charts.Example.COM/stable',
    'https://charts.example.com:443/stable',
    'https://charts.example.com/stable/',
    'https://charts.example.com/stable.git',
    'https://charts.example.com/stable.git/',
    'https://charts.example.com/stable/.git',
  ])('of %s are those of the plain spelling, and the raw URL', (repoURL) => {
    const plain = written(http('https://charts.example.com/stable'));
    expect(written(http(repoURL)).filter((form) => form !== `raw ${repoURL}`)).toEqual(plain);
  });

  it('keep a path as it is, but for the case of its escapes', () => {
    expect(written(http('https://gitlab.example.com/API/projects/a%2fb/packages'))).toEqual([
      'normal https://gitlab.example.com/API/projects/a%2Fb/packages',
      'normal-slash https://gitlab.example.com/API/projects/a%2Fb/packages/',
      'artifact https://gitlab.example.com/API/projects/a%2Fb/packages/payments',
      'decoded https://gitlab.example.com/API/projects/a/b/packages',
      'decoded https://gitlab.example.com/API/projects/a/b/packages/',
      'decoded https://gitlab.example.com/API/projects/a/b/packages/payments',
      'raw https://gitlab.example.com/API/projects/a%2fb/packages',
    ]);
  });

  it('of an IPv6 address and a port of its own are left alone', () => {
    expect(written(http('http://[::1]:8080/charts'))).toContain('normal http://[::1]:8080/charts');
  });

  it.each([
    ['user-info', http('https://user:pw@charts.example.com')],
    ['user-info', http('https://charts.example.com@evil.example')],
    ['user-info', registry('user@ghcr.io/acme')],
    ['query', http('https://charts.example.com/?x=https://charts.example.com')],
    ['query', http('https://charts.example.com?')],
    ['fragment', http('https://charts.example.com/#x')],
    ['double-slash', http('https://charts.example.com//stable')],
    ['double-slash', http('https://charts.example.com/stable//')],
    ['double-slash', http('https://charts.example.com/a%2F/b')],
    ['dot-segment', http('https://charts.example.com/a/../stable')],
    ['dot-segment', http('https://charts.example.com/./stable')],
    ['dot-segment', http('https://charts.example.com/a/..')],
    ['dot-segment', http('https://charts.example.com/a%2F..%2Fb')],
    ['dot-segment', http('https://charts.example.com/stable.git/..git')],
    ['dot-segment', http('https://charts.example.com/stable/...git/')],
    ['percent-encoding', http('https://charts.example.com/%73table')],
    ['percent-encoding', http('https://charts.example.com/%2e%2e/stable')],
    ['percent-encoding', http('https://charts.example.com/%zz')],
    ['percent-encoding', http('https://charts.example.com/a%252Fb')],
    ['percent-encoding', http('https://charts.example.com/a%00')],
    ['percent-encoding', http('https://charts.example.com/a%3Ab')],
    ['percent-encoding', registry('ghcr.io/acme%2Fcharts')],
    ['trailing-dot', http('https://charts.example.com./stable')],
    ['trailing-dot', oci('oci://ghcr.io.:443/acme')],
    ['character', http('https://charts.example.com/a b')],
    ['character', http(' https://charts.example.com')],
    ['character', http('https://charts.example.com\n')],
    ['character', http('https://charts.example.com\\stable')],
    ['character', http('https://chärts.example.com')],
    ['character', http('https://charts.example.com/;x/stable')],
    ['host', http('https:///stable')],
    ['host', http('https://charts..example.com')],
    ['host', http('https://127.1/stable')],
    ['host', http('https://0x7f.0.0.1/stable')],
    ['host', http('https://2130706433/stable')],
    ['host', http('https://127.0.0.01/stable')],
    ['host', http('https://[0:0:0:0:0:0:0:1]/stable')],
    ['host', http('https://%63harts.example.com')],
    ['host', registry('/acme')],
    ['port', http('https://charts.example.com:0443/stable')],
    ['port', http('https://charts.example.com:/stable')],
    ['port', http('https://charts.example.com:99999/stable')],
    ['port', registry('https:/ghcr.io/acme')],
    ['scheme', http('charts.example.com/stable')],
    ['scheme', http('OCI://ghcr.io/acme')],
    ['scheme', oci('Oci://ghcr.io/acme')],
    ['reference', oci('oci://ghcr.io/acme/app:1.0.0')],
    ['reference', oci('oci://ghcr.io/acme/app@sha256:00')],
    ['reference', registry('ghcr.io/acme:1.0.0')],
    ['chart', http('https://charts.example.com', 'stable/payments')],
    ['chart', http('https://charts.example.com', '..')],
    ['chart', http('https://charts.example.com', 'pay%6Dents')],
    ['chart', registry('ghcr.io/acme', '../globex/payments')],
    ['chart', registry('ghcr.io/acme', '/payments')],
    ['chart', registry('ghcr.io/acme', 'payments/')],
    ['chart', registry('ghcr.io/acme', 'payments:1.0.0')],
    ['chart', registry('ghcr.io/acme', '')],
    ['length', http(`https://charts.example.com/${'a'.repeat(2048)}`)],
    ['length', http(`https://charts.example.com/${'a'.repeat(2010)}`, 'a'.repeat(63))],
  ])('are unclear (%s) for %j', (unclear, source) => {
    expect(sourceForms(source)).toEqual({ unclear });
  });

  it('name a chart in a registry by its last part, and by every part before it', () => {
    expect(sourceForms(registry('ghcr.io/acme/charts', 'team/payments'))).toMatchObject({
      chartNames: ['payments', 'team/payments', 'charts/team/payments', 'acme/charts/team/payments'],
    });
    expect(sourceForms(http('https://charts.example.com/stable'))).toMatchObject({ chartNames: ['payments'] });
  });

  it('are found for any text, and the normal form of a normal form is itself', () => {
    const piece = fc.constantFrom(
      'https://',
      'Oci://',
      'a.example',
      'B',
      '/',
      '/',
      '.git',
      ':443',
      ':80',
      '%2f',
      '..',
      '@',
      '[::1]',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(piece).map((all) => all.join('')),
        ),
        (repoURL) => {
          const forms = sourceForms(http(repoURL));
          if ('unclear' in forms) return;
          const normal = forms.texts.find(({ form }) => form === 'normal')?.text ?? '';
          expect(written(http(normal))[0]).toBe(`normal ${normal}`);
        },
      ),
    );
  });
});
