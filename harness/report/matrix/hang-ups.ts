import type { CellRow, RunRows } from '../../model/results.ts';
import type { VoicemailSign } from '../../model/words.ts';
import { type Paint, wrap } from './text.ts';

const SIGN_NAMES: Readonly<Record<VoicemailSign, string>> = {
  automata: 'automata',
  server: 'Server',
  forwarded: '181',
  'history-info': 'History-Info',
};

type HangUp = NonNullable<CellRow['observed']['hangUp']>;

/** What an application that hangs up on voice mail goes by, how soon it did, and what was left: a line for each situation. */
export function hangUpLines({ cells }: Pick<RunRows, 'cells'>, columns: number, paint: Paint): string[] {
  const answered = cells.filter(({ observed, verdict }) => observed.hangUp !== undefined && verdict !== 'inconclusive');
  const bySituation = Map.groupBy(answered, ({ situation }) => situation);
  if (bySituation.size === 0) return [];
  return [
    ...wrap('Hanging up on voice mail: by which sign, how soon after the 200, and what is left', columns).map(
      paint.bold,
    ),
    ...[...bySituation].flatMap(([situation, calls]) =>
      wrap(`${situation}: ${lineOf(calls.flatMap(({ observed }) => observed.hangUp ?? []))}`, columns),
    ),
  ];
}

function lineOf(calls: readonly HangUp[]): string {
  const signs = calls[0]?.signs.map((sign) => SIGN_NAMES[sign]) ?? [];
  const afterMs = calls.flatMap((call) => call.afterMs ?? []).map(Math.round);
  const of = (isSo: (call: HangUp) => boolean): string => `${calls.filter(isSo).length} of ${calls.length}`;
  const how =
    afterMs.length === 0
      ? 'never'
      : `${of((call) => call.afterMs !== null)} hung up on, ${Math.min(...afterMs)} to ${Math.max(...afterMs)} ms`;
  return `by ${signs.join(', ')}: ${how}; a missed call noted: ${of(({ missedCall }) => missedCall)}, a message left: ${of(({ message }) => message)}`;
}
