/** One thing wrong with the settings. */
export interface ConfigFault {
  /** The variable or flag as it was given, or as it could be. */
  readonly setting: string;
  /** What was given; null where nothing was, or where it is secret. */
  readonly value: string | null;
  /** Completes "SETTING …". */
  readonly wrong: string;
  /** What to write instead. */
  readonly write: string;
}

/** All faults, one a line, for people at a terminal. */
export function describeFaults(faults: readonly ConfigFault[]): string {
  const lines = faults.map(({ setting, value, wrong, write }) => {
    const given = value === null ? '' : ` (${JSON.stringify(value.slice(0, 200))})`;
    return `  ${setting}${given} ${wrong}. Write ${write}.`;
  });
  return ['The settings cannot be used:', ...lines].join('\n');
}
