/** Writes an index.yaml in the shape of `helm repo index`, of about the wanted size. */
export function* generateIndex(wantedBytes: number, chartCount = 222): Generator<Uint8Array> {
  const encoder = new TextEncoder();
  const bytesPerChart = Math.floor(wantedBytes / chartCount);
  yield encoder.encode('apiVersion: v1\nentries:\n');
  for (let chart = 0; chart < chartCount; chart += 1) {
    const name = `chart-${String(chart).padStart(3, '0')}`;
    let text = `  ${name}:\n`;
    for (let version = 0; text.length < bytesPerChart; version += 1) text += entry(name, version);
    yield encoder.encode(text);
  }
  yield encoder.encode('generated: "2026-11-01T12:00:00.123456789Z"\n');
}

function entry(name: string, version: number): string {
  const number = `${Math.floor(version / 100)}.${Math.floor(version / 10) % 10}.${version % 10}`;
  return `  - annotations:
      artifacthub.io/changes: |
        - kind: changed
          description: "Update to ${number}: see the notes"
        - kind: fixed
      category: Database
    apiVersion: v2
    appVersion: ${number}
    created: "2026-10-01T12:00:00.123456789Z"
    dependencies:
    - condition: redis.enabled
      name: redis
      repository: https://charts.example.com/stable
      tags:
      - storage
      version: ">=17.0.0"
    description: ${name} is a chart of many words which say nothing at all but go
      over more than one line, as descriptions in charts do
    digest: ${(version * 2654435761).toString(16).padStart(64, 'c')}
    home: https://example.com/${name}
    keywords:
    - database
    - sql
    maintainers:
    - email: team@example.com
      name: Team
    name: ${name}
    sources:
    - https://example.com/${name}/src
    type: application
    urls:
    - https://charts.example.com/${name}-${number}.tgz
    version: ${number}
`;
}
