import { describe, expect, it } from 'vitest';
import { ladderOf } from '../../harness/ladder/model.ts';
import { ladderSvg } from '../../harness/ladder/svg.ts';
import { ladderText } from '../../harness/ladder/text.ts';
import { HOSTILE } from '../report/hostile-run.ts';
import { flowOf } from '../report/sample-flow.ts';
import { sample } from '../results/sample.ts';

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
