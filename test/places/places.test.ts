/**
 * Machines that a run cannot work on, or not to its end: it says so, and ends. Made of namespaces of our own, so nothing on
 * this machine changes.
 */
import { execFile, spawnSync } from 'node:child_process';
import { access, cp, mkdir, readdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { readRun } from '../../harness/results/read.ts';
import { scratch } from '../setup/scratch.ts';

const MAIN = fileURLToPath(new URL('../../harness/cli/main.ts', import.meta.url));
const FILL = fileURLToPath(new URL('fixtures/fill.ts', import.meta.url));
const FILLED_TO = fileURLToPath(new URL('fixtures/store-on-full-disk.ts', import.meta.url));
const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const HOLDS = `import { defineScenario } from '${new URL('../../harness/define.ts', import.meta.url)}';
export default defineScenario({
  id: 'mine',
  title: 'Not answered; an assertion of its own holds',
  feature: 'voicemail',
  subscriber: { flags: [], lists: [], waits: { totalMs: 600, userMs: 200, team2Ms: 600 }, voicemail: true, doNotDisturb: false },
  callee: 'ring',
  caller: 'patient',
  trap: 'voicemail',
  kind: 'diversion',
  assert: (seen, expect) => expect(seen.legs.length).toBeGreaterThan(0),
});
`;
const CELL = ['run', '--no-allure', '--policy', 'plain', '--situation', 'voicemail-busy', '--variant', 'none'];

// Asked, not guessed: in a chroot even root may make none.
const refused = spawnSync('unshare', ['-m', '-n', 'true'], { encoding: 'utf8' });
const why = refused.status === 0 ? null : (refused.stderr || String(refused.error)).trim();

interface Ended {
  readonly exitStatus: unknown;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a shell script in namespaces of its own. @param args its `$1` and so on */
function apart(kind: '-m' | '-n', script: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const all = [kind, 'sh', '-c', script, 'sh', ...args];
    const options = { timeout: 280_000, killSignal: 'SIGKILL', env: { ...process.env, NO_COLOR: '1' } } as const;
    execFile('unshare', all, options, (error, stdout, stderr) =>
      resolve({ exitStatus: error === null ? 0 : (error.code ?? error.signal), stdout, stderr }),
    );
  });
}

const READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,ro,bind "$1" && shift && exec "$@"';
/** What is on the disk is copied out of the namespace: it goes with it. */
const SMALL =
  'mount -t tmpfs -o size="$1" none "$2" && out=$3 disk=$2 && shift 3 && { "$@"; status=$?; cp -r "$disk/." "$out"; exit $status; }';

const title = `a machine that is not fit${why === null ? '' : ` (skipped: ${why})`}`;

describe.skipIf(why !== null)(title, { concurrent: true }, () => {
  it('loopback is down: said by the run, and foreseen by the doctor', async () => {
    await using own = await scratch();
    const command = [process.execPath, MAIN];
    const run = await apart('-n', 'exec "$@"', [...command, ...CELL, '--report', join(own.dir, 'r')]);
    expect(run.stderr).toMatch(
      /the lab stands on loopback addresses, and cannot here: connect 127.*ENETUNREACH.*link set lo up/,
    );
    expect(run.exitStatus).toBe(3);
    expect(await readdir(own.dir), 'no folder without a file').toEqual([]);
    const doctor = await apart('-n', 'exec "$@"', [...command, 'doctor']);
    expect(doctor.stdout).toMatch(/^loopback +missing .*ENETUNREACH/m);
    expect(doctor.exitStatus).toBe(3);
  });

  it('a read-only report folder: a usage error, foreseen by the doctor', async () => {
    await using own = await scratch();
    const dir = join(own.dir, 'r');
    const run = await apart('-m', READ_ONLY, [own.dir, process.execPath, MAIN, ...CELL, '--report', dir]);
    expect(run.stderr).toMatch(
      /report cannot be written to .*read-only \(EROFS\); have the report elsewhere with --report/,
    );
    expect(run.exitStatus).toBe(2);
    const doctor = await apart('-m', READ_ONLY, [own.dir, process.execPath, MAIN, 'doctor', '--report', dir]);
    expect(doctor.stdout).toMatch(/^report +missing .*EROFS/m);
    expect(doctor.exitStatus).toBe(3);
  });

  it('neither the checkout nor HOME can be written: every report all the same', async () => {
    await using own = await scratch();
    const dir = join(own.dir, 'r');
    const args = CELL.filter((each) => each !== '--no-allure');
    const command = ['env', `HOME=${join(ROOT, 'nowhere')}`, process.execPath, MAIN, ...args, '--report', dir];
    const run = await apart('-m', READ_ONLY, [ROOT, ...command]);
    expect(run.stderr).not.toContain('warning');
    expect(run.exitStatus, run.stderr).toBe(0);
    await access(join(dir, 'allure.html'));
  });

  it('temporary files cannot be written: a report all the same, or what to do', async () => {
    await using own = await scratch();
    await using place = await scratch();
    const inThat = [own.dir, 'env', `TMPDIR=${own.dir}`, process.execPath, MAIN, ...CELL];
    const [plain, tls] = await Promise.all([
      apart('-m', READ_ONLY, [...inThat, '--report', join(place.dir, 'plain')]),
      apart('-m', READ_ONLY, [...inThat, '--transport', 'tls', '--report', join(place.dir, 'tls')]),
    ]);
    expect(plain.exitStatus, plain.stderr).toBe(0);
    expect(tls.stderr).toMatch(/mkdtemp .*read-only \(EROFS\).*TMPDIR/);
    expect(tls.stderr).not.toContain('unexpected error');
    expect(tls.exitStatus).toBe(3);
  });

  it('open files are few: said as such, with the limit', async () => {
    await using own = await scratch();
    const few = ['--nofile=40:40', process.execPath, MAIN, ...CELL, '--report', join(own.dir, 'r')];
    const run = await apart('-m', 'exec prlimit "$@"', few);
    expect(run.stderr).toMatch(/may open no more files \(EMFILE\); raise the limit: ulimit -n 1024/);
    expect(run.stderr).not.toContain('apt-get');
    expect(run.exitStatus).toBe(3);
  });

  it('the disk is too small: no call is placed', async () => {
    await using own = await scratch();
    const [disk, out] = [join(own.dir, 'disk'), join(own.dir, 'out')];
    for (const dir of [disk, out]) await mkdir(dir);
    const run = await apart('-m', SMALL, [
      '400k',
      disk,
      out,
      process.execPath,
      MAIN,
      ...CELL,
      '--report',
      join(disk, 'r'),
    ]);
    expect(run.stderr).toMatch(/has 0\.4 MB left, and results need up to 0\.5 MB\. Free some space/);
    expect(run.exitStatus).toBe(3);
    expect(await readdir(out)).toEqual([]);
  });

  it.for([
    // When the first hundred are judged, five hundred are to come: 8 MB for them and half a one for the page are more than this, whatever was written by then.
    ['nearly full', 8_000_000],
    ['full', 0],
  ] as const)('the disk is %s while calls are placed: what was judged is kept', async ([, left]) => {
    await using own = await scratch();
    const [disk, out] = [join(own.dir, 'disk'), join(own.dir, 'out')];
    for (const dir of [disk, out]) await mkdir(dir);
    const policies = ['plain', 'blog-2012', 'comment-2013', 'ucma-doc'].flatMap((policy) => ['--policy', policy]);
    const args = ['run', '--no-allure', ...policies, '/voicemail-'];
    const command = [process.execPath, FILL, join(disk, 'r'), String(left), ...args];
    const run = await apart('-m', SMALL, ['60m', disk, out, ...command]);
    expect(run.stderr).not.toContain('unexpected error');
    expect(run.exitStatus, run.stderr).toBe(3);
    if (left === 0) {
      expect(run.stderr).toMatch(/could not be written: .*no space is left there \(ENOSPC\)/);
      return;
    }
    expect(run.stderr).toMatch(
      /has .* MB left, and results need up to .* MB\. No more calls are placed: [\d,]+ cells? (is|are) judged/,
    );
    const { results } = await readRun(join(out, 'r'));
    expect(results.run.ended).toBe('failed');
    const verdicts = Map.groupBy(results.cells, ({ verdict }) => verdict);
    // What was being read already is judged, which may be all of it; what was not is told as not judged.
    const judged = [...(verdicts.get('pass') ?? []), ...(verdicts.get('unspecified') ?? [])];
    expect(judged.length).toBeGreaterThan(0);
    expect(judged.length + (verdicts.get('inconclusive')?.length ?? 0)).toBe(600);
    await access(join(out, 'r', 'index.html'));
  });

  it('a store on a full disk: whole values up to then, and told how many', async () => {
    await using own = await scratch();
    const [disk, out] = [join(own.dir, 'disk'), join(own.dir, 'out')];
    for (const dir of [disk, out]) await mkdir(dir);
    const { stdout, stderr } = await apart('-m', SMALL, ['300k', disk, out, process.execPath, FILLED_TO, disk]);
    const { kept, told, page, halfBytes, again } = JSON.parse(stdout || `{"told":${JSON.stringify(stderr)}}`);
    expect(told).toMatch(
      new RegExp(`ENOSPC.*the ${kept} cells that were judged before are in .*results\\.partial\\.json`),
    );
    expect(page).toMatch(/^write .*page\.html failed: no space is left there \(ENOSPC\)/);
    const values = (await readFile(join(out, 'results.partial.json'), 'utf8')).split(/\n(?=\{\n)/);
    expect(values.map((value) => JSON.parse(value).verdict)).toHaveLength(kept + again);
    expect([kept > 0, halfBytes, again]).toEqual([true, 0, 1]);
  });
});

// Jenkins makes such folders of the names of branches and jobs.
it('a checkout, and scenarios with an assertion, in folders named with %2F, #, ? and blanks', async () => {
  await using own = await scratch();
  const checkout = join(own.dir, 'feature%2Fvm #1 a?b');
  for (const part of ['harness', 'scenarios', 'containers', 'package.json']) {
    await cp(join(ROOT, part), join(checkout, part), { recursive: true });
  }
  await symlink(join(ROOT, 'node_modules'), join(checkout, 'node_modules'));
  const mine = join(own.dir, 'my tests%2F #2?');
  await mkdir(mine);
  await writeFile(join(mine, 'holds.ts'), HOLDS);
  const main = join(checkout, 'harness/cli/main.ts');
  const args = ['run', '--policy', 'plain', '--situation', 'mine', '--variant', 'none', '--scenarios', mine];
  const run = await promisify(execFile)(process.execPath, [main, ...args, '--report', join(own.dir, 'r')]);
  expect(run.stderr).not.toContain('warning');
  expect(run.stderr).not.toContain('may not work'); // Vite, of the folder's name
  const { results, detailsOf } = await readRun(join(own.dir, 'r'));
  const [cell] = await detailsOf(results.cells);
  expect(cell).toMatchObject({ verdict: 'pass' });
  expect(cell?.checks?.find(({ id }) => id === 'assertion')).toMatchObject({ holds: true });
  await access(join(own.dir, 'r', 'index.html'));
  expect(await readFile(join(own.dir, 'r', 'allure.html'), 'utf8')).toContain('<html');
});
