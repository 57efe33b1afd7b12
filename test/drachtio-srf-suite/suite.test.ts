/**
 * drachtio-srf ships its own integration suite; here it judges the embedded server. The library is unmodified and so
 * are the assertions: their exact number is asserted too, so that a file that ran nothing is red.
 */
import { spawnSync } from 'node:child_process';
import { describe, test } from 'vitest';
import { Testbed } from './testbed.ts';

const FILE_TIMEOUT_MS = 280_000; // uas.js waits 32 s for an ACK that never comes
const sippMissing = spawnSync('sipp', ['-v']).error !== undefined;
const skipped = sippMissing ? ' (skipped: sipp is not installed)' : '';

const files = [
  { file: 'uas.js', assertions: 8 },
  { file: 'uac.js', assertions: 19 },
  { file: 'b2b.js', assertions: 19 },
  { file: 'reinvite-tests.js', assertions: 1 },
  { file: 'refer.js', assertions: 1 },
  { file: 'proxy.js', assertions: 2 },
];

describe.concurrent(`drachtio-srf's own suite${skipped}`, {
  skip: sippMissing,
  timeout: FILE_TIMEOUT_MS + 20_000,
}, () => {
  test.for(files)('$file passes all of its $assertions assertions', async ({ file, assertions }, { expect }) => {
    await using testbed = await Testbed.start(file);
    const { exitCode, passed, failed, output } = await testbed.run(FILE_TIMEOUT_MS);
    expect({ exitCode, passed, failed }, output).toEqual({ exitCode: 0, passed: assertions, failed: 0 });
  });
});
