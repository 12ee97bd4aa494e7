import { inert } from './inert.ts';

export type Row = readonly string[];

/** Lines of text for a terminal, every one of them inert. */
export class Page {
  readonly #lines: string[] = [];

  line(text = '', indent = 0): this {
    this.#lines.push(`${' '.repeat(text === '' ? 0 : indent)}${inert(text)}`);
    return this;
  }

  /** A heading, with a blank line before it. */
  heading(text: string, indent = 0): this {
    return this.line().line(text, indent);
  }

  /** Cells beneath each other. */
  table(rows: readonly Row[], indent = 0): this {
    const cells = rows.map((row) => row.map(inert));
    const columns = Math.max(0, ...cells.map((row) => row.length));
    const widths = Array.from({ length: columns }, (_, at) => Math.max(...cells.map((row) => row[at]?.length ?? 0)));
    for (const row of cells) {
      const text = row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join('  ');
      this.#lines.push(`${' '.repeat(indent)}${text}`.trimEnd());
    }
    return this;
  }

  text(): string {
    return `${this.#lines.join('\n')}\n`;
  }
}
