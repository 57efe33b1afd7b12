/** Changes to the text of the bundled server's configuration. */

export interface ConfigEdit {
  /** Text that stands in the configuration exactly once. */
  readonly anchor: string;
  readonly becomes: string;
}

export const before = (anchor: string, text: string): ConfigEdit => ({ anchor, becomes: `${text}${anchor}` });
export const after = (anchor: string, text: string): ConfigEdit => ({ anchor, becomes: `${anchor}${text}` });
export const instead = (anchor: string, becomes: string): ConfigEdit => ({ anchor, becomes });

/**
 * The configuration with all edits, one after the other.
 *
 * @throws {Error} when an anchor is not found exactly once: an edit that has missed would be a sabotage that breaks
 * nothing, and look like a harness that notices nothing
 */
export function editedConfig(edits: readonly ConfigEdit[]): (config: string) => string {
  return (config) =>
    edits.reduce((text, { anchor, becomes }) => {
      const [head, ...rest] = text.split(anchor);
      const [tail] = rest;
      if (head === undefined || tail === undefined || rest.length > 1) {
        throw new Error(
          `a sabotage edits the server's configuration at ${JSON.stringify(anchor)}, which stands there ${rest.length} times, not once: bring the edit up to date`,
        );
      }
      return `${head}${becomes}${tail}`;
    }, config);
}
