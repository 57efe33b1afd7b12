import { execFile } from 'node:child_process';
import { copyFile, mkdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { scratch } from './scratch.ts';

const CI_RUN = fileURLToPath(new URL('../../.ci/run', import.meta.url));

const ENGINE = 'echo "export DOCKER_HOST=unix:///nowhere"';
const NO_ENGINE = 'echo "no Docker engine: none here" >&2; exit 3';

/** `.ci/run` beside a ./ringfence whose `test` and `run`, and a .ci/docker-engine whose `start`, do as told. */
async function pipeline(test: string, run: string, engine = ENGINE) {
  await using checkout = await scratch();
  await mkdir(join(checkout.dir, '.ci'));
  await copyFile(CI_RUN, join(checkout.dir, '.ci/run'));
  await checkout.script('ringfence', `echo "$* CI=$CI$(cat)" >>calls\ncase $1 in test) ${test} ;; run) ${run} ;; esac`);
  await checkout.script('.ci/docker-engine', `echo "engine $1" >>calls\ncase $1 in start) ${engine} ;; esac`);
  const ended = await new Promise<{ status: number; lastLine: string; stdout: string }>((resolve) => {
    execFile('bash', [join(checkout.dir, '.ci/run')], { cwd: '/', timeout: 15_000 }, (error, stdout) => {
      const status = error === null ? 0 : Number(error.code ?? -1);
      resolve({ status, stdout, lastLine: stdout.trimEnd().split('\n').at(-1) ?? '' });
    }); // stdin stays open: a pipeline that read it would hang
  });
  return { ...ended, calls: (await readFile(join(checkout.dir, 'calls'), 'utf8')).trim().split('\n') };
}

const GREEN = 'echo "12 passed, 0 failed, 1 skipped"';

describe('.ci/run', () => {
  it('runs the tests, then the matrix, without input, and ends with the line of the tests', async () => {
    expect(await pipeline(GREEN, 'echo matrix')).toMatchObject({
      status: 0,
      lastLine: '12 passed, 0 failed, 1 skipped',
      calls: [
        'engine start',
        'test CI=true',
        'run CI=true',
        'run --runtime docker --policy ms-sipre CI=true',
        'engine stop',
      ],
    });
  });

  it('says that containers were skipped, and why, where there is no engine', async () => {
    const ended = await pipeline(GREEN, ':', NO_ENGINE);
    expect(ended).toMatchObject({ status: 0, lastLine: '12 passed, 0 failed, 2 skipped' });
    expect(ended.stdout).toContain('docker runtime: skipped, no Docker engine: none here\n');
    expect(ended.calls).toEqual(['engine start', 'test CI=true', 'run CI=true', 'engine stop']);
  });

  it.for([
    ['a matrix that fails', GREEN, 'exit 1', '12 passed, 2 failed, 1 skipped'],
    [
      'a failed test, and still runs the matrix',
      'echo "11 passed, 1 failed, 0 skipped"; exit 1',
      ':',
      '11 passed, 1 failed, 0 skipped',
    ],
    ['both', 'echo "11 passed, 1 failed, 0 skipped"; exit 1', 'exit 3', '11 passed, 3 failed, 0 skipped'],
    ['tests that end before they count', 'echo "no Node.js"; exit 3', ':', '0 passed, 1 failed, 0 skipped'],
    ['tests that say green and end badly', `${GREEN}; exit 1`, ':', '12 passed, 1 failed, 1 skipped'],
  ] as const)('fails for %s', async ([, test, run, lastLine]) => {
    const ended = await pipeline(test, run);
    expect(ended).toMatchObject({ status: 1, lastLine });
    expect(ended.calls.map((call) => call.split(' ')[0])).toEqual(['engine', 'test', 'run', 'run', 'engine']);
  });
});
