/** Calls through a B2BUA, in a real lab: two dialogs, and a header on one of them, on both, or lost between them. */
import { describe, expect, it } from 'vitest';
import { ladderOf } from '../../harness/ladder/model.ts';
import { ladderText } from '../../harness/ladder/text.ts';
import type { CellResult } from '../../harness/model/results.ts';
import { PATHS } from '../../harness/model/words.ts';
import type { Lab } from '../../harness/run/lab.ts';
import type { LabSite } from '../../harness/run/site.ts';
import { type SmallRun, type SmallRunResult, smallRun } from '../helpers/small-run.ts';
import { whenRinging } from '../helpers/when-ringing.ts';
import { notPassed } from '../helpers/with-flows.ts';

const SECONDARY = 'target-class-secondary';

function throughB2bua(over: Partial<SmallRun>): Promise<SmallRunResult> {
  return smallRun({ situations: ['voicemail-no-answer'], variants: [SECONDARY], ...over });
}

function on(
  path: string,
  { results }: SmallRunResult,
  variant = SECONDARY,
  situation = 'voicemail-no-answer',
): CellResult {
  const found = results.find((each) => each.path === path && each.variant === variant && each.situation === situation);
  if (found === undefined) throw new Error(`no cell ${situation}/${variant} on ${path}`);
  return found;
}

function said({ checks }: CellResult, id: string): string | undefined {
  return checks?.find((check) => check.id === id)?.seen;
}

describe.concurrent('a call through a B2BUA', () => {
  it('is kept out by the header that the B2BUA sets or copies, and goes as its control where it is dropped', async () => {
    const run = await throughB2bua({
      paths: PATHS,
      situations: ['voicemail-no-answer', 'team-ring', 'missed-call-hangup-while-ringing', 'answered-by-callee'],
      variants: [SECONDARY, 'target-class-secondary-folded'],
      inTime: true,
    });
    expect(notPassed(run)).toEqual([]);
    for (const situation of ['voicemail-no-answer', 'team-ring', 'missed-call-hangup-while-ringing']) {
      const outcomes = PATHS.map((path) => on(path, run, SECONDARY, situation).observed.outcome);
      expect([situation, ...outcomes]).toEqual([situation, 'suppressed', 'suppressed', 'suppressed', 'engaged']);
      for (const path of PATHS) expect(on(path, run, 'none', situation).observed.outcome).toBe('engaged');
    }
    expect(said(on('b2bua-set', run), 'invite')).toMatch(/"Ms-Target-Class: secondary"; put in by the B2BUA$/);
    expect(said(on('b2bua-copy', run), 'invite')).toMatch(/with "Ms-Target-Class: secondary"$/);
    expect(said(on('b2bua-drop', run), 'invite')).toMatch(/; lost at the B2BUA: "Ms-Target-Class: secondary"$/);
  });

  it('has both legs on record: the ladder has a lane for the B2BUA, and says at which hop the header was lost', async () => {
    const run = await throughB2bua({ paths: ['b2bua-drop'], inTime: true });
    const cell = on('b2bua-drop', run);
    const messages = run.outcome.observations.get(cell.id)?.messages ?? [];
    // On a busy machine one may be repeated.
    const invites = [
      ...Map.groupBy(
        messages.filter(({ startLine }) => startLine.startsWith('INVITE ')),
        ({ from, to }) => `${from}>${to}`,
      ),
    ].map(([way, [first]]) => ({ way, callId: first?.callId }));
    expect(invites.slice(0, 3).map(({ way }) => way)).toEqual(['caller>b2bua', 'b2bua>server', 'server>phone']);
    expect(new Set(invites.slice(0, 2).map(({ callId }) => callId)).size).toBe(2);
    const text = ladderText(ladderOf({ cell, messages }, null), { title: cell.id });
    expect(text).toMatch(/caller +B2BUA +server/);
    expect(text).toContain('lost here: Ms-Target-Class: secondary');
  });

  it('proves nothing where a B2BUA that was to copy the header does not', async () => {
    const forgetful = ({ b2bua }: Lab): void => {
      const expectCall = b2bua?.expect.bind(b2bua);
      if (b2bua !== null) b2bua.expect = (callee, call) => expectCall?.(callee, { ...call, copy: [] });
    };
    const { verdict, why } = on('b2bua-copy', await throughB2bua({ paths: ['b2bua-copy'], onLab: forgetful }));
    expect(verdict).toBe('inconclusive');
    expect(why).toMatch(
      /the B2BUA's INVITE carries no header of any variant where "Ms-Target-Class: secondary" was to be sent/,
    );
  });

  it('proves nothing where the B2BUA dies between its legs, before the second or in the midst of it', async () => {
    const dying = (site: LabSite, when: 'invited' | 'ringing'): LabSite => {
      let die = (): void => {};
      const mortal: LabSite = {
        ...site,
        startSipServer: async (role, record) => {
          const server = await site.startSipServer(role, (each) => {
            record(each);
            const isFirst = each.direction === 'in' && each.bytes.toString('latin1').startsWith('INVITE ');
            if (role === 'b2bua' && when === 'invited' && isFirst) die();
          });
          if (role === 'b2bua') die = () => void server.stop();
          return server;
        },
      };
      return when === 'ringing' ? whenRinging(mortal, 1, () => die()) : mortal;
    };
    const [atOnce, later] = await Promise.all(
      (['invited', 'ringing'] as const).map((when) =>
        throughB2bua({ paths: ['b2bua-set'], changeSite: (site) => dying(site, when) }),
      ),
    );
    for (const run of [atOnce, later]) {
      expect(run?.results.map(({ verdict }) => verdict)).toEqual(['inconclusive', 'inconclusive']);
    }
    expect(atOnce && said(on('b2bua-set', atOnce), 'invite')).toMatch(/the B2BUA placed no call/);
    // Of the call that rang; the other may not have come so far.
    const ends = ['none', 'target-class-secondary'].map(
      (variant) => later && said(on('b2bua-set', later, variant), 'final'),
    );
    expect(ends).toContainEqual(expect.stringMatching(/no final response|did not live to the end/));
  });

  it('is not asked with a header that the B2BUA cannot carry as it is', async () => {
    const run = await throughB2bua({
      paths: ['b2bua-copy', 'b2bua-drop'],
      variants: ['sensitivity-repeated'],
      inTime: true,
    });
    expect(on('b2bua-copy', run, 'sensitivity-repeated')).toMatchObject({
      verdict: 'unsupported',
      why: 'the B2BUA joins a header field that is repeated into one',
    });
    expect(on('b2bua-drop', run, 'sensitivity-repeated').verdict).toBe('pass');
  });
});
