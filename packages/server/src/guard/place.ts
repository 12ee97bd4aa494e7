/** A chart in a registry, however an Application divides its address into repository and chart. */
export function registryAddress(repository: string, chart: string): string {
  return `${repository.replace(/^[a-z]+:\/\//, '')}/${chart}`;
}
