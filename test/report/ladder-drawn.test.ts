import { describe, expect, it } from 'vitest';
import { diffLines } from '../../harness/evidence/diff.ts';
import { hexLines } from '../../harness/evidence/hex.ts';
import { proofChecks } from '../../harness/evidence/proof.ts';
import { headerLineIndexes, rawBytes, rawLines } from '../../harness/evidence/raw-text.ts';
import { ladderOf } from '../../harness/ladder/model.ts';
import { ladderSvg } from '../../harness/ladder/svg.ts';
import { ladderText } from '../../harness/ladder/text.ts';
import { visible } from '../../harness/report/visible.ts';
import { sample } from '../results/sample.ts';
import { HOSTILE } from './hostile-run.ts';
import { flowOf } from './sample-flow.ts';

const FAILED = 'kamailio/ms-sipre/voicemail-busy/sensitivity-invalid/udp/direct';
const ladders = () =>
  sample().cells.map(({ id, control }) => ladderOf(flowOf(id), control === null ? null : flowOf(control.id)));

describe('ladderText', () => {
  it('draws arrows between lanes, and says what is wrong', () => {
    const flow = flowOf(FAILED);
    const text = ladderText(ladderOf(flow, null), { title: FAILED });
    expect(text).toContain('    6.0          |                 |-INVITE--------------------------->|\n');
    expect(text).toContain('!! ^ first deviation: must not come');
    expect(text).toMatch(/\.\.\. {2}901 ms\n/);
  });

  it('has a line for every message and none longer than 100 columns, in every cell', () => {
    for (const ladder of ladders()) {
      const lines = ladderText(ladder, { title: 'x'.repeat(130), controlTitle: 'a control' }).split('\n');
      expect(lines.filter((line) => line.length > 100)).toEqual([]);
      const messages = [ladder.own, ladder.control].flatMap((side) => side?.rows ?? []);
      const arrows = lines.filter((line) => /^ *-?\d+\.\d .*[<>]/.test(line));
      expect(arrows).toHaveLength(messages.filter((row) => row !== null && row.type !== 'proof').length);
    }
  });
});

describe('ladderSvg', () => {
  it('is one document with title and description, a drawn line for every message', () => {
    for (const ladder of ladders()) {
      const svg = ladderSvg(ladder, { title: 'a cell', description: 'why' });
      expect(svg).toMatch(/^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" .*\n<title>a cell<\/title><desc>why<\/desc>/);
      const rows = [...ladder.own.rows, ...(ladder.control?.rows ?? [])].filter((row) => row !== null);
      expect(svg.split('stroke-width="').length - 1).toBe(rows.filter((row) => row.type !== 'proof').length);
    }
  });

  it('lays what happened at one time on one height', () => {
    const svg = ladderSvg(ladderOf(flowOf(FAILED), flowOf(flowOf(FAILED).cell.control?.id ?? '')), {
      title: '',
      description: '',
    });
    const [own = '', control = ''] = svg.split('<g transform').slice(1);
    const heightOfBye = (side: string) => /y="(\d+)"[^>]*>BYE</.exec(side)?.[1];
    expect(heightOfBye(own)).toBe(heightOfBye(control));
    expect(heightOfBye(own)).toBeDefined();
  });

  it('lets no text from the wire out of its element', () => {
    const { cell, messages } = flowOf(FAILED);
    const hostile = messages.map((message) => ({ ...message, startLine: `${HOSTILE} x`, from: HOSTILE }));
    const svg = ladderSvg(ladderOf({ cell, messages: hostile }, null), { title: HOSTILE, description: HOSTILE });
    expect([...svg.matchAll(/<\/?([a-z]+)/g)].map(([, name]) => name)).toEqual(
      expect.not.arrayContaining(['script', 'img', 'a', 'link', 'textarea']),
    );
    expect(svg).not.toContain('\u0000');
    expect(svg).not.toContain('\u001b');
  });
});

describe('proofChecks', () => {
  const checks = (id: string) => {
    const { cell } = flowOf(id);
    return proofChecks(cell, cell.control === null ? null : flowOf(cell.control.id).cell);
  };

  it('names what did not hold in each inconclusive or unsupported cell, and nothing in any other', () => {
    for (const { id, verdict } of sample().cells) {
      const broken = checks(id).filter(({ holds }) => holds === false);
      expect(broken.length > 0, `${id}: ${JSON.stringify(broken)}`).toBe(
        verdict === 'inconclusive' || verdict === 'unsupported',
      );
    }
  });

  it('says what was seen', () => {
    expect(checks('kamailio/ms-sipre/simultaneous-ring/sensitivity-invalid/udp/direct')).toMatchObject([
      { holds: true, seen: 'INVITE on record, with Ms-Sensitivity: no-diversion' },
      { holds: true, seen: 'final 400' },
      { holds: true, what: 'Who ended it is on record', seen: 'it was refused' },
      { holds: true, seen: 'control engaged, final 200' },
      { holds: true, seen: '868 ms before the INVITE, 8 ms under way' },
      { holds: false, seen: 'window of 2,400 ms, never closed' },
      { holds: false, seen: 'sent at 2,520 ms, never arrived' },
      { holds: true, seen: 'at most 9 ms late, 1,000 ms allowed' },
    ]);
  });

  it('does not ask for canaries where the trap was reached, nor for what an older run does not have', () => {
    expect(checks(FAILED).filter(({ holds }) => holds === null)).toHaveLength(3);
    const { proof: _proof, ...older } = flowOf(FAILED).cell;
    expect(proofChecks(older, null).map(({ holds }) => holds)).toEqual([true, true, true, true]);
  });
});

describe('proofChecks of a call whose end is not on record', () => {
  const { cell } = flowOf('kamailio/ms-sipre/voicemail-busy/sensitivity-private-no-diversion/udp/direct');
  const broken = (over: object, observed: object = {}) =>
    proofChecks({ ...cell, verdict: 'inconclusive', ...over, observed: { ...cell.observed, ...observed } }, null)
      .filter(({ holds, what }) => holds === false && !what.startsWith('Without the header'))
      .map(({ what, seen }) => `${what}: ${seen}`);

  it.for([
    [{ status: 200, outcome: 'unknown', legs: [] }, 'Who ended it is on record: the caller was answered, and no leg'],
    [{ status: 302, outcome: 'unknown' }, 'Who ended it is on record: the caller was sent elsewhere (302)'],
  ] as const)('says %o', ([observed, said]) => {
    expect(broken({}, observed)).toEqual([expect.stringContaining(said)]);
  });

  it('shows what belongs to nobody', () => {
    const strays = [{ atMs: 610, at: 'voicemail', kind: 'call', text: 'INVITE sip:x@y SIP/2.0' }];
    expect(broken({ proof: { ...cell.proof, strays } })).toEqual([
      'Everything at the endpoints belongs to a call: INVITE sip:x@y SIP/2.0 at voicemail, 610 ms',
    ]);
  });

  it('leaves no inconclusive cell without a reason', () => {
    expect(broken({ why: 'the caller was told that the call is being forwarded' })).toEqual([
      'Nothing else speaks against it: the caller was told that the call is being forwarded',
    ]);
  });
});

describe('rawLines', () => {
  it('shows all that is there: odd bytes, control characters, line ends of another kind', () => {
    expect(rawLines('A: caf\u00c3\u00a9\r\nB: \u0007\nC: \rx\r\n\r\n')).toEqual([
      'A: caf\u00e9',
      'B: \\x07\\x0A',
      'C: \\x0Dx',
      '',
      '',
    ]);
    expect(rawLines('A: \u00e9\u00ff\u0000')).toEqual(['A: \\xE9\\xFF\\x00']);
  });

  it('leaves nothing unseen that the other reports show', () => {
    const lines = rawLines(HOSTILE);
    expect(lines.map(visible)).toEqual(lines);
  });

  it('is whole however long the message is', () => {
    const long = `INVITE\r\nX: ${'y'.repeat(61_440)}\r\n\r\n`;
    expect(rawLines(long).join('\r\n')).toBe(long);
  });

  it('finds a header field with its continuation lines, and not in the body', () => {
    const lines = rawLines('INVITE\r\nX-A: 1\r\n  2\r\nB: 3\r\n\r\nX-A: body');
    expect([...headerLineIndexes(lines, ['x-a'])]).toEqual([1, 2]);
  });
});

describe('the other views of a message', () => {
  it('compares line by line', () => {
    expect(diffLines('a\nb\nc', 'a\nx\nc\nd')).toEqual([
      { kind: 'same', text: 'a' },
      { kind: 'removed', text: 'b' },
      { kind: 'added', text: 'x' },
      { kind: 'same', text: 'c' },
      { kind: 'added', text: 'd' },
    ]);
  });

  it('tells texts that have too little in common as one removed and one added', () => {
    const lines = (word: string) => Array.from({ length: 3000 }, (_, index) => `${word} ${index}`);
    const shown = diffLines(['same', ...lines('a')].join('\n'), ['same', ...lines('b')].join('\r\n'));
    expect(shown.map(({ text }) => text)).toEqual(['same', ...lines('a'), 'same', ...lines('b')]);
    expect(shown.findIndex(({ kind }) => kind === 'added')).toBe(3001);
    expect(shown.filter(({ kind }) => kind === 'same')).toEqual([]);
  });

  it('shows every byte as hex', () => {
    expect(hexLines(rawBytes('INVITE sip:a@b\r\n\u00ff\u0000'))).toEqual([
      '00000000  49 4e 56 49 54 45 20 73  69 70 3a 61 40 62 0d 0a  |INVITE sip:a@b..|',
      `00000010  ff 00${' '.repeat(18)}  ${' '.repeat(23)}  |..|`,
    ]);
  });
});
