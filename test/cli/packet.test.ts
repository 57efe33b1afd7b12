import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCapture } from '../evidence/pcapng-reader.ts';
import { commandHere } from '../helpers/command-line.ts';
import { flowOf } from '../report/sample-flow.ts';
import { SAMPLE_DIR } from '../results/sample.ts';
import { scratch } from '../setup/scratch.ts';

const FAILED = 'kamailio/ms-sipre/voicemail-busy/sensitivity-invalid/udp/direct';
const CONTROL = 'kamailio/ms-sipre/voicemail-busy/none/udp/direct';

describe('./ringfence packet', () => {
  it('writes a page and a capture of one cell, found by a part of its id', async () => {
    await using place = await scratch();
    const file = join(place.dir, 'to-vendor.html');
    const asked = ['packet', 'ms-sipre/voicemail-busy/sensitivity-invalid', SAMPLE_DIR, '--out', file];
    const { exitStatus, stdout, stderr } = await commandHere(asked);
    expect([exitStatus, stderr]).toEqual([0, '']);
    expect(stdout.trim().split('\n')).toHaveLength(2);
    const page = await readFile(file, 'utf8');
    const capture = await readFile(join(place.dir, 'to-vendor.pcapng'));
    expect(page).toContain(`<h1>${FAILED}</h1>`);
    expect(page).toContain(capture.toString('base64'));
    const { packets } = readCapture(capture);
    expect(packets).toHaveLength(flowOf(FAILED).messages.length + flowOf(CONTROL).messages.length);
  });

  it.each([
    ['no cell', [], /which cell\?/],
    ['a cell that is not there', ['no-such-cell', SAMPLE_DIR], /has no cell whose id contains "no-such-cell"/],
    ['a part that several have', ['voicemail-busy/none', SAMPLE_DIR], /2 cells contain .*name one:\n {2}kamailio\//s],
    ['a page that is none', [FAILED, SAMPLE_DIR, '--out', 'x.pdf'], /--out takes .*FILE\.html, not "x\.pdf"/],
    [
      'a folder that is not there',
      [FAILED, SAMPLE_DIR, '--out', '/no/such/x.html'],
      /x\.html cannot be written: ENOENT/,
    ],
  ])('ends with 2 of %s', async (_what, args, complaint) => {
    const { exitStatus, stderr } = await commandHere(['packet', ...args]);
    expect(stderr).toMatch(complaint);
    expect(exitStatus).toBe(2);
  });
});
