import { claims, everyRow, everySituation, sentences } from '../../scenarios/index.ts';
import { evaluateClaims } from '../judge/claims.ts';
import type { ClaimResult } from '../model/results.ts';
import type { Claim, ClaimPart } from '../model/scenario.ts';
import { demandedCells } from '../oracle/claims-demanded.ts';
import { readRun } from '../results/read.ts';

const TITLES = {
  post: 'The post: M. Greenlee, "Prevent Lync calls from going to voice mail", 28 December 2012',
  comment: 'The comment below it, 11 January 2013',
} as const;

/**
 * Every sentence of the two seed sources that makes a claim, with what exercises it and on which policies it holds.
 *
 * @param reportDir of a run; null: as the policies demand
 * @throws {UsageError} when there is no report in it
 */
export async function claimsStory(reportDir: string | null): Promise<string> {
  const results =
    reportDir === null
      ? evaluateClaims(claims, demandedCells(claims, everySituation, everyRow))
      : (await readRun(reportDir)).results.claimResults;
  const claimOf = new Map(claims.map((claim) => [claim.id, claim]));
  const lines = (['post', 'comment'] as const).flatMap((source) => [
    TITLES[source],
    ...sentences
      .filter((each) => each.source === source)
      .flatMap(({ gist, claims: ids, beyond }, index) => [
        '',
        `${String(index + 1).padStart(3)}. ${gist}`,
        ...(beyond === undefined ? [] : [`     not asked: ${beyond}`]),
        ...ids.flatMap((id) => claimLines(id, claimOf.get(id), results)),
      ]),
    '',
  ]);
  const basis =
    reportDir === null
      ? 'as the policies demand; --report DIR: as a run has shown'
      : `as the run in ${reportDir} has shown`;
  return `${lines.join('\n')}\nHolds, does not, open (no source says, or not asked): ${basis}.\n\n`;
}

function claimLines(id: string, claim: Claim | undefined, results: readonly ClaimResult[]): string[] {
  const { statement = '', test = [] } = claim ?? {};
  const policies = (held: ClaimResult['held']): string =>
    results.flatMap((each) => (each.claim === id && each.held === held ? [each.policy] : [])).join(', ') || 'none';
  return [
    `     ${id}: ${statement}`,
    ...new Set(test.map((part) => `       ${partText(part)}`)),
    ...(test.length === 0
      ? []
      : [
          `       holds: ${policies('holds')}; does not: ${policies('does-not-hold')}; open: ${policies('not-settled')}`,
        ]),
  ];
}

function partText({ situations, variants: rows, paths = [] }: ClaimPart): string {
  return [situations.join(', '), `with ${rows.join(', ')}`, ...paths.map((path) => `--path ${path}`)].join(' ');
}
