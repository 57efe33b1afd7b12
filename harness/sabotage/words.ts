/** What the console and the page say of a campaign, in the same words. */
import { cellPlace } from '../model/cell-id.ts';
import type { Campaign, CellFinding, CellFlow, SabotageFinding } from './findings.ts';

export type Standing = 'noticed' | 'stayed green' | 'harmless' | 'false alarm' | 'no effect' | 'not tried';

export function standingOf(finding: SabotageFinding): Standing {
  if (finding.cells.length === 0) return 'not tried';
  if (finding.stayedGreen.length > 0) return 'stayed green';
  if (finding.falseAlarms.length > 0) return 'false alarm';
  if (finding.noEffect !== null) return 'no effect';
  if (finding.lawful !== null) return 'harmless';
  return finding.cells.some(({ meant }) => meant) ? 'noticed' : 'not tried';
}

/** `7 of 7 cells turned: 7 fail`, `2 of 7 cells stayed pass: ...`. */
export function outcomeLine(finding: SabotageFinding): string {
  const meant = finding.cells.filter((each) => each.meant);
  switch (standingOf(finding)) {
    case 'stayed green':
      return `${finding.stayedGreen.length} of ${meant.length} stayed pass: ${finding.stayedGreen.map(shortId).join(', ')}`;
    case 'false alarm':
      return `lawful, and held against ${finding.falseAlarms.map(shortId).join(', ')}`;
    case 'no effect':
      return finding.noEffect ?? '';
    case 'harmless':
      return finding.lawful === 'nothing-changes' ? 'every verdict as before' : 'nothing turned fail';
    case 'not tried':
      return finding.notOn ?? 'this policy has no cell that it is meant for';
    case 'noticed': {
      const turned = meant.filter(({ verdicts }) => !verdicts.includes('pass'));
      const spared = finding.spares > 0 ? `, ${finding.spares} of them it leaves alone` : '';
      return `${turned.length} of ${meant.length} turned${spared}`;
    }
  }
}

/** The first cell that shows it: what stayed green has no sentence, so another that changed. */
export function firstAffected({ cells }: SabotageFinding): CellFinding | null {
  const changed = cells.filter(({ verdicts, baseline }) => verdicts.some((verdict) => verdict !== baseline));
  return changed.find(({ meant }) => meant) ?? changed[0] ?? null;
}

/** `pass -> fail`; with repetitions every verdict that occurred. */
export function changeOf({ baseline, verdicts }: CellFinding): string {
  return `${baseline} → ${[...new Set(verdicts)].join(', ')}`;
}

export function flowTitle(cell: string, { lateMs }: CellFlow): string {
  return `what was seen of ${shortId(cell)}, the lab at most ${Math.round(lateMs)} ms late`;
}

/** `team-ring/none`: within a campaign everything else is the same for all. */
export function shortId(id: string): string {
  const { situation, variant } = cellPlace(id);
  return `${situation}/${variant}`;
}

export function headline({ findings }: Campaign): string {
  const count = (standing: Standing): number => findings.filter((each) => standingOf(each) === standing).length;
  const unlawful = findings.filter((each) => each.lawful === null && standingOf(each) !== 'not tried').length;
  const parts = [
    `${count('noticed')} of ${unlawful} sabotages noticed`,
    count('stayed green') > 0 ? `${count('stayed green')} left a proven negative green` : null,
    count('false alarm') > 0 ? `${count('false alarm')} lawful, and held against the server` : null,
    count('no effect') > 0 ? `${count('no effect')} did not take place` : null,
  ];
  return parts.filter((part) => part !== null).join('; ');
}

/** What even a campaign in which everything was noticed leaves open. */
export const LIMITS: readonly string[] = [
  'What comes later than a run: voice mail that takes the call when the lab is gone is seen by nobody. The window ends with the waits that the server was given, and slack.',
  'Another transport than UDP: the relay speaks UDP only, and so do the calls.',
  'One call in many: a server that disobeys once in a thousand calls is caught with that probability. --repeat N tries each sabotage N times; a run places each call once.',
  'Another server than the bundled one: sabotages of the server are edits of its configuration. Those of path and lab would do with any.',
  'Loss that SIP does not make up for in time: a ringing that is not heard, a phone that is alone for less than half a second. It looks like a server that passed the phone over. And a 181 that is lost, where nothing else shows that the call went elsewhere.',
  'What leads nowhere that the lab can see: a leg to another network leaves no more than what the caller and the callee were told.',
  'Two sabotages at once, except where one hides what the other does and the sentence says so.',
];
