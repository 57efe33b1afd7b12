import type { RunRows } from '../model/results.ts';
import { causesOf, spread } from './causes.ts';
import { number } from './grid.ts';
import { visible } from './visible.ts';

/** GitHub shows ten errors of a step; two are left for whatever else fails in it. */
const ANNOTATIONS_SHOWN = 8;
const MESSAGE_LENGTH = 1_000;

/** Workflow commands of GitHub Actions, one line each: an error for each cause of failed and unsteady cells, the largest first. */
export function annotations(results: RunRows): string[] {
  const failed = causesOf(results.cells).filter(({ kind }) => kind !== 'inconclusive');
  return failed.slice(0, ANNOTATIONS_SHOWN).map(({ why, first, cells }) => {
    const more =
      cells.length === 1 ? '' : `\nand ${number(cells.length - 1)} more like it, altogether in ${spread(cells)}`;
    const title = `${first.policy}: ${first.situation} with ${first.variant}`;
    const message = `${cut(why)}${more}\nrerun: ${first.rerun}`;
    return `::error title=${property(visible(title))}::${data(message.split('\n').map(visible).join('\n'))}`;
  });
}

/**
 * Text that may come from the wire, for the log of a GitHub job: no line of it is taken for a workflow command.
 *
 * @param token Ends the mute; nobody may guess it.
 */
export function muted(text: string, token: string): string {
  return `::stop-commands::${token}\n${text}${text.endsWith('\n') ? '' : '\n'}::${token}::\n`;
}

function cut(why: string): string {
  return why.length > MESSAGE_LENGTH ? `${why.slice(0, MESSAGE_LENGTH)}…` : why;
}

/** As the runner's own toolkit escapes them. */
function data(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function property(text: string): string {
  return data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
