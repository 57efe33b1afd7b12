import { describe, expect, it } from 'vitest';
import { CELL_ID, CELL_ID_FORM, cellId, cellPlace, commonId } from '../../harness/model/cell-id.ts';
import { TRACE_PLACE, traceLine, traceLineText } from '../../harness/model/trace-place.ts';

const ID = 'kamailio/ms-sipre/voicemail-busy/none/udp/direct';

describe("a cell's id", () => {
  it('is its parts in this order, and gives them back', () => {
    const place = cellPlace(ID);
    expect(place).toEqual({
      server: 'kamailio',
      policy: 'ms-sipre',
      situation: 'voicemail-busy',
      variant: 'none',
      transport: 'udp',
      path: 'direct',
    });
    expect(cellId(place)).toBe(ID);
    expect(Object.keys(place).join('/')).toBe(CELL_ID_FORM);
  });

  it('without a part is what cells that differ in it share', () => {
    expect(commonId(cellPlace(ID), ['variant'])).toBe('kamailio/ms-sipre/voicemail-busy/udp/direct');
    expect(commonId(cellPlace(ID), ['situation', 'variant'])).toBe('kamailio/ms-sipre/udp/direct');
  });

  it.for([ID.slice(0, -7), `${ID}/more`, ID.replace('none', ''), ''])('is not "%s"', (text) => {
    expect(CELL_ID.test(text)).toBe(false);
    expect(CELL_ID.test(ID)).toBe(true);
  });
});

describe('the place of a trace', () => {
  it('is a line of a file, or a file of its own', () => {
    const line = { file: 'traces/calls-1.jsonl', first: 1024, last: 2047 };
    expect(traceLineText(line)).toBe('traces/calls-1.jsonl#bytes=1024-2047');
    expect(traceLine(traceLineText(line))).toEqual(line);
    expect(traceLine('traces/a.json')).toBeNull();
    const packed = { ...line, file: 'traces/calls-1.jsonl.gz' };
    expect(traceLine(traceLineText(packed))).toEqual(packed);
    for (const text of [traceLineText(line), traceLineText(packed), 'traces/a.json'])
      expect(TRACE_PLACE.test(text)).toBe(true);
  });

  it.for([
    'traces/../a.json',
    '../traces/a.json',
    'traces/a/b.json',
    'traces/.a.json',
    'traces/a.jsonl',
    'traces/a.json#bytes=0-1',
    'traces/a.jsonl#bytes=-1',
    'traces/a.jsonl#bytes=0-1/..',
  ])('is not "%s"', (text) => {
    expect(TRACE_PLACE.test(text)).toBe(false);
  });
});
