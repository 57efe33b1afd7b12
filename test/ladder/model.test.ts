import { describe, expect, it } from 'vitest';
import { commonAxis } from '../../harness/ladder/axis.ts';
import { ladderOf } from '../../harness/ladder/model.ts';
import { trapOf } from '../../harness/ladder/traps.ts';
import { flowOf } from '../report/sample-flow.ts';
import { sample } from '../results/sample.ts';

const ladderOfCell = (id: string) => {
  const flow = flowOf(id);
  return ladderOf(flow, flow.cell.control === null ? null : flowOf(flow.cell.control.id));
};

const timed = (text: string) => text.split(' ').map((word) => ({ sort: word.charAt(0), atMs: Number(word.slice(1)) }));

describe('the common axis', () => {
  it('lays events of one sort that are close in time on one line, and keeps the order of each call', () => {
    const slots = commonAxis(timed('I0 T1 J2 R3'), timed('I0 J1 T2 R3 V660'));
    expect(slots.flatMap(({ own }) => own ?? [])).toEqual([0, 1, 2, 3]);
    expect(slots.flatMap(({ twin }) => twin ?? [])).toEqual([0, 1, 2, 3, 4]);
    expect(slots.at(0)).toMatchObject({ own: 0, twin: 0 });
    expect(slots).toContainEqual(expect.objectContaining({ own: 3, twin: 3 }));
  });

  it('never lays on one line what is far apart in time, though it is of one sort', () => {
    expect(commonAxis(timed('C1800'), timed('C660')).map(({ own, twin }) => [own, twin])).toEqual([
      [null, 0],
      [0, null],
    ]);
  });

  it('states the time in which neither call has anything, and no other', () => {
    const slots = commonAxis(timed('I0 C1800'), timed('I0 V660 B1400'));
    expect(slots.map(({ idleBeforeMs }) => idleBeforeMs)).toEqual([null, 660, 740, 400]);
  });

  it('takes any number of messages', () => {
    const many = Array.from({ length: 3000 }, (_, index) => ({ atMs: index, sort: 'I' }));
    expect(commonAxis(many, many)).toHaveLength(6000);
  });
});

describe('the ladder of a call beside its control', () => {
  it('draws the INVITE that the trap did not get, where the control got it', () => {
    const { own, control, lanes } = ladderOfCell(
      'kamailio/ms-sipre/voicemail-busy/sensitivity-private-no-diversion/udp/direct',
    );
    const slot = own.rows.findIndex((row) => row?.type === 'ghost' && row.to === 'voicemail');
    expect(own.rows[slot]).toMatchObject({ label: 'INVITE', wrong: false, atMs: 6 });
    expect(control?.rows[slot]).toMatchObject({ type: 'message', to: 'voicemail', label: 'INVITE', atTrap: true });
    expect(lanes.find((lane) => lane.trap)?.name).toBe('voice mail');
  });

  it('shows what a voice mail inside of the server left of the call, and misses no INVITE to it', () => {
    const flow = flowOf('kamailio/ms-sipre/voicemail-busy/sensitivity-private-no-diversion/udp/direct');
    const control = flowOf(flow.cell.control?.id ?? '');
    const seen = 'message-waiting rose from 0 to 1, 700 ms after the INVITE';
    const inside = <Of extends typeof flow>(
      each: Of,
      arrivals: readonly { by: 'message-waiting'; atMs: number; seen: string }[],
    ) => ({
      ...each,
      cell: { ...each.cell, observed: { ...each.cell.observed, arrivals: [...arrivals] } },
      messages: each.messages.filter(({ to, from }) => to !== 'voicemail' && from !== 'voicemail'),
    });
    const took = inside(control, [{ by: 'message-waiting', atMs: 700, seen }]);
    const ladder = ladderOf(inside(flow, []), took);
    expect(ladder.own.rows.filter((row) => row?.type === 'ghost' && row.to === 'voicemail')).toEqual([]);
    expect(ladder.control?.rows).toContainEqual(
      expect.objectContaining({ kind: 'arrival', atMs: 700, wrong: false, text: `voice mail took the call: ${seen}` }),
    );
    expect(ladderOf(took, null).own.rows.filter((row) => row?.wrong)).toEqual([]);
  });

  it("marks the trap that the cell's situation sets, whatever its feature usually has", () => {
    const forward = 'kamailio/ms-sipre/voicemail-busy/sensitivity-private-no-diversion/udp/direct';
    const flow = flowOf(forward);
    const elsewhere = <Value extends { to: string }>(each: Value): Value =>
      each.to === 'voicemail' ? { ...each, to: 'forward-target' } : each;
    const control = flowOf(flow.cell.control?.id ?? '');
    const { own, lanes } = ladderOf(
      { ...flow, cell: { ...flow.cell, trap: 'forward-target' } },
      { cell: { ...control.cell, trap: 'forward-target' }, messages: control.messages.map(elsewhere) },
    );
    expect(flow.cell.feature).toBe('voicemail');
    expect(lanes.filter((lane) => lane.trap).map(({ role }) => role)).toEqual(['forward-target']);
    expect(own.rows).toContainEqual(
      expect.objectContaining({
        type: 'ghost',
        to: 'forward-target',
        text: expect.stringContaining('the forward target'),
      }),
    );
  });

  it('knows the trap of older results by the canary, else by the feature', () => {
    const { cell } = flowOf('kamailio/ms-sipre/voicemail-busy/none/udp/direct');
    const { proof: _none, ...older } = cell;
    expect(trapOf(older)).toBe('voicemail');
    expect(trapOf({ ...older, feature: 'missed-call-notification' })).toBe('missed-call-inbox');
    const proof = { canary: { trap: 'team' } } as unknown as NonNullable<typeof cell.proof>;
    expect(trapOf({ ...older, proof })).toBe('team');
    expect(trapOf({ ...older, proof, trap: 'delegate' })).toBe('delegate');
  });

  it('says of a message that was to come and did not that it is wrong', () => {
    const { own } = ladderOfCell('kamailio/ms-sipre/simultaneous-ring/sensitivity-private-no-diversion/udp/direct');
    const ghosts = own.rows.filter((row) => row?.type === 'ghost' && row.wrong);
    expect(ghosts.map((row) => row !== null && 'to' in row && row.to).toSorted()).toEqual([
      'phone',
      'simultaneous-ring',
    ]);
  });

  it('marks the message that must not come, and the final response that is not the one demanded', () => {
    const { own, control } = ladderOfCell('kamailio/ms-sipre/voicemail-busy/sensitivity-invalid/udp/direct');
    const wrong = own.rows.filter((row) => row?.wrong === true);
    expect(wrong).toMatchObject([
      { type: 'message', to: 'voicemail', text: 'first deviation: must not come' },
      { type: 'message', to: 'caller', text: 'not 400' },
      { type: 'ghost', to: 'caller', label: '400', text: '400 was to come, not 200' },
    ]);
    expect(control?.rows.filter((row) => row?.wrong === true)).toEqual([]);
  });

  it('takes a challenge for no answer, once the caller has called again', () => {
    const flow = flowOf('kamailio/ms-sipre/voicemail-busy/sensitivity-invalid/udp/direct');
    const [invite] = flow.messages;
    if (invite === undefined) throw new Error('no messages');
    const early = (from: string, to: string, startLine: string, cseq = '0 INVITE') => ({
      ...invite,
      atMs: -2,
      from,
      to,
      startLine,
      cseq,
    });
    const asked = early('server', 'caller', 'SIP/2.0 407 Proxy Authentication Required');
    const messages = [
      early('caller', 'server', invite.startLine),
      asked,
      early('caller', 'server', 'ACK sip:x@y SIP/2.0', '0 ACK'),
      ...flow.messages,
    ];
    const challenged = ladderOf({ ...flow, messages }, null).own;
    expect(challenged.rows).toContainEqual(
      expect.objectContaining({
        label: expect.stringMatching(/^407 /),
        tone: 'provisional',
        wrong: false,
        text: 'asks who calls',
      }),
    );
    expect(challenged.rows.filter((row) => row?.wrong === true)).toHaveLength(3); // as without
    const refused = ladderOf({ ...flow, messages: [...messages.slice(0, 1), asked] }, null).own;
    expect(refused.rows).toContainEqual(expect.objectContaining({ tone: 'refusal', wrong: true }));
  });

  it('tells what is sent again from what is sent', () => {
    const { own } = ladderOfCell(
      'kamailio/ms-sipre/missed-call-hangup-while-ringing/sensitivity-private-no-diversion/udp/direct',
    );
    const sent = own.rows.filter((row) => row?.type === 'message');
    expect(sent.map((row) => [row.atMs, row.repeats])).toEqual([
      [0, -1],
      [500, 0],
      [1500, 0],
    ]);
  });

  it('shows canaries and window as they were, and what did not hold as wrong', () => {
    const { own } = ladderOfCell('kamailio/ms-sipre/simultaneous-ring/sensitivity-invalid/udp/direct');
    expect(own.rows.filter((row) => row?.type === 'proof').map((row) => [row.kind, row.atMs, row.wrong])).toEqual([
      ['canary', -868, false],
      ['window', 2400, true],
      ['canary', 2520, true],
    ]);
  });

  it('brackets a wait of the server from the INVITE that starts it, when the phone rang that long', () => {
    const id = 'kamailio/plain/forward-no-answer/target-class-secondary/tcp/direct';
    const { own } = ladderOfCell(id);
    const bar = own.bars.find(({ state }) => state === 'waits');
    expect(bar).toMatchObject({ role: 'server', text: 'no-answer wait: 600 ms' });
    expect(own.rows[bar?.first ?? -1]?.atMs).toBe(flowOf(id).cell.observed.legs[0]?.startMs);
    const busy = ladderOfCell('kamailio/ms-sipre/voicemail-busy/none/udp/direct');
    expect(busy.own.bars.filter(({ state }) => state === 'waits')).toEqual([]);
  });

  it('leads from a message to its twin and back', () => {
    const { own, control } = ladderOfCell('kamailio/ms-sipre/voicemail-busy/sensitivity-invalid/udp/direct');
    const linked = own.rows.filter((row) => row?.type === 'message').filter((row) => row.twin !== null);
    expect(linked.length).toBeGreaterThan(8);
    for (const row of linked) {
      const twin = control?.rows.find((each) => each?.type === 'message' && each.index === row.twin);
      expect(twin).toMatchObject({ sort: row.sort, twin: row.index });
    }
  });

  it('shows every message once, whatever the cell', () => {
    for (const { id } of sample().cells) {
      const { own, slots } = ladderOfCell(id);
      const shown = own.rows.filter((row) => row?.type === 'message').map((row) => row.index);
      expect(shown, id).toEqual(flowOf(id).messages.map((_, index) => index));
      expect(own.rows, id).toHaveLength(slots.length);
    }
  });

  it('reads a cell of an older run, without its proof', () => {
    const { cell, messages } = flowOf('kamailio/ms-sipre/voicemail-busy/none/udp/direct');
    const { proof: _proof, ...older } = cell;
    expect(ladderOf({ cell: older, messages }, null).own.rows.filter((row) => row?.type === 'proof')).toEqual([]);
  });
});
