/** What a phone is told when it stops ringing, in a real lab: three causes, and the caller's own Reason. */
import { describe, expect, it } from 'vitest';
import type { CellResult } from '../../harness/model/results.ts';
import type { LabSite } from '../../harness/run/site.ts';
import { cancelSituations } from '../../scenarios/cancel-reason.ts';
import { cancelRows } from '../../scenarios/variants/cancel-reason.ts';
import { SAID_BY_SERVER } from '../helpers/said-by-server.ts';
import { smallRun } from '../helpers/small-run.ts';

const ELSEWHERE = 'Reason: SIP;cause=200;text="Call completed elsewhere"';
const HEEDED = 'cancelled-by-caller-heeded';
const rows = cancelRows.map(({ id }) => id);

function reasonsAt({ observed }: CellResult): readonly string[] {
  return observed.legs.find(({ role }) => role === 'phone')?.cancelReasons ?? [];
}

/** A site whose record has the CANCELs of a role, those that it got or sent, as `change` makes them. */
function withCancels(role: string, direction: 'in' | 'out', change: (cancel: string) => string) {
  return (site: LabSite): LabSite => ({
    ...site,
    startSipServer: (own, record) =>
      site.startSipServer(own, (each) => {
        const text = each.bytes.toString('latin1');
        const isMeant = own === role && each.direction === direction && text.startsWith('CANCEL ');
        record(isMeant ? { ...each, bytes: Buffer.from(change(text), 'latin1') } : each);
      }),
  });
}
const withoutReason = (cancel: string): string => cancel.replace(/^Reason: .*\r\n/m, '');

describe.concurrent("the CANCEL of the callee's phone", () => {
  it('tells three causes apart, and carries what the caller wrote into his own, byte for byte', async () => {
    const run = await smallRun({ situations: cancelSituations.map(({ id }) => id), variants: rows, inTime: true });
    const wrong = run.results.filter(({ verdict }) => verdict !== 'pass' && verdict !== 'unspecified');
    expect(wrong.map(({ id, why }) => `${id}: ${why}`)).toEqual([]);
    const causes = cancelSituations.map(({ id }) => {
      const { checks } = run.cell(id, 'none');
      return checks?.find((check) => check.id === 'cancel-cause')?.seen.split(';', 1)[0];
    });
    expect(causes).toEqual([
      'the caller gave up',
      'the caller gave up',
      'somebody else answered',
      "the server's time was over",
    ]);
    expect(cancelSituations.map(({ id }) => reasonsAt(run.cell(id, 'none')))).toEqual([
      [],
      [],
      [expect.stringMatching(SAID_BY_SERVER)],
      [],
    ]);
    for (const { id, onCancel } of cancelRows) {
      expect(reasonsAt(run.cell('cancelled-by-caller', id))).toEqual(onCancel);
      // Nobody says that a server must mind it, and it does not, but where it is set to.
      expect(run.cell('cancelled-by-caller', id)).toMatchObject({
        verdict: 'unspecified',
        observed: { outcome: 'engaged' },
      });
    }
  });

  it('keeps a notice back where the server heeds it, and where it says that somebody else took the call', async () => {
    const run = await smallRun({ situations: [HEEDED], variants: rows, inTime: true });
    expect(run.results.map(({ variant, verdict, observed }) => [variant, verdict, observed.outcome])).toEqual([
      ['none', 'pass', 'engaged'],
      ['cancel-completed-elsewhere', 'pass', 'suppressed'],
      ['cancel-completed-elsewhere-q850', 'pass', 'suppressed'],
      ['cancel-given-up', 'pass', 'engaged'],
    ]);
  });

  it('fails a server that was to heed it, and notes the missed call', async () => {
    const run = await smallRun({
      situations: [HEEDED],
      variants: ['cancel-completed-elsewhere'],
      misprovision: ({ heedsReason, ...subscriber }) => (heedsReason ? subscriber : { ...subscriber }),
      inTime: true,
    });
    expect(run.cell(HEEDED, 'cancel-completed-elsewhere')).toMatchObject({
      verdict: 'fail',
      why: expect.stringMatching(/^the missed-call inbox was reached, but rfc3326-elsewhere-not-missed/),
    });
  });

  const through = (change: (cancel: string) => string) =>
    smallRun({
      situations: ['cancelled-by-caller'],
      variants: ['cancel-completed-elsewhere-q850'],
      paths: ['b2bua-copy'],
      inTime: true,
      changeSite: withCancels('b2bua', 'out', change),
    });
  const toldOf = ({ checks }: CellResult) => checks?.find(({ id }) => id === 'cancel-told');

  it('says what a B2BUA before the server made of two Reasons, and holds it against nobody', async () => {
    const run = await through((cancel) => cancel);
    const cell = run.cell('cancelled-by-caller', 'cancel-completed-elsewhere-q850');
    expect(cell.verdict).toBe('unspecified');
    expect(reasonsAt(cell)).toEqual([`${ELSEWHERE},Q.850;cause=26`]);
    expect(toldOf(cell)).toMatchObject({ holds: null, seen: expect.stringMatching(/^the B2BUA got .*, and sent one/) });
  });

  it('blames no server for what was lost before it', async () => {
    const run = await through(withoutReason);
    expect(run.cell('cancelled-by-caller', 'cancel-completed-elsewhere-q850')).toMatchObject({
      verdict: 'inconclusive',
      why: expect.stringMatching(/^the B2BUA got a CANCEL with "Reason: SIP.*, and sent one with none$/),
    });
  });

  it('fails where the Reason is lost on the way to the phone', async () => {
    const run = await smallRun({
      situations: ['cancelled-by-caller'],
      variants: ['cancel-completed-elsewhere'],
      inTime: true,
      changeSite: withCancels('phone', 'in', withoutReason),
    });
    expect(run.cell('cancelled-by-caller', 'cancel-completed-elsewhere')).toMatchObject({
      verdict: 'fail',
      why: expect.stringMatching(/and the phone's carried none, but rfc3326-cancel-copied says that it is copied$/),
    });
  });
});
