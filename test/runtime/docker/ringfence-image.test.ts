/** containers/ringfence: a run in a pipeline that may install nothing, as nobody that the image knows, where only two folders can be written. */
import { execFile } from 'node:child_process';
import { chown, lstat, mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, it } from 'vitest';
import { parseAllDocuments } from 'yaml';
import { ensureRingfenceImage } from '../../../packaging/image.ts';
import type { Finished } from '../../helpers/cli.ts';
import { packed, ROOT } from '../../package/user.ts';
import { scratch } from '../../setup/scratch.ts';
import { describeWithEngine, IMAGES_TIMEOUT_MS } from './with-engine.ts';

const USER = 1234;
const TIGHT = ['--read-only', '--network', 'none', '--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'];
const RUN_MS = 300_000;

interface Job {
  readonly kind: string;
  readonly spec: {
    readonly template: {
      readonly spec: {
        readonly securityContext: { readonly runAsUser: number; readonly runAsGroup: number };
        readonly containers: readonly [
          {
            readonly command: readonly string[];
            readonly args: readonly string[];
            readonly env: readonly { readonly name: string; readonly value: string }[];
            readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
          },
        ];
      };
    };
  };
}

function docker(args: readonly string[]): Promise<Finished> {
  return new Promise((resolve) => {
    execFile(
      'docker',
      ['run', '--rm', ...TIGHT, ...args],
      { timeout: RUN_MS, maxBuffer: 20_000_000 },
      (error, stdout, stderr) => resolve({ exitStatus: error === null ? 0 : (error.code ?? -1), stdout, stderr }),
    );
  });
}

async function repositoryOf(user: number, dir: string): Promise<string> {
  const repository = join(dir, 'repository');
  await mkdir(repository);
  await writeFile(join(repository, 'package.json'), '{ "private": true, "type": "module" }\n');
  await chown(repository, user, user);
  return repository;
}

describeWithEngine('the image of Ringfence', (engine) => {
  let image = '';
  beforeAll(async () => {
    const say = (line: string): void => void process.stderr.write(`${line}\n`);
    image = await ensureRingfenceImage(engine, { tarball: packed(), say });
  }, IMAGES_TIMEOUT_MS);

  /** As its README says, with everything taken away. */
  const ringfence = (repository: string, args: readonly string[], user = `${USER}:${USER}`): Promise<Finished> => {
    const given = ['--user', user, '--tmpfs', '/tmp', '--volume', `${repository}:/w`];
    return docker([...given, image, ...args]);
  };

  it.concurrent('takes a new repository to a green matrix, and leaves its files to the user', async ({
    expect,
    skip,
  }) => {
    skip(process.getuid?.() !== 0, 'only root can make a folder of somebody else');
    await using place = await scratch();
    const repository = await repositoryOf(USER, place.dir);
    const init = await ringfence(repository, ['init', '--ci', 'none']);
    expect(init.exitStatus, init.stderr).toBe(0);

    const ran = await ringfence(repository, ['run', '--policy', 'ms-sipre', '--situation', 'busy-then-forward']);
    expect(ran.stderr).not.toContain('warning');
    expect(ran.stdout).toMatch(
      /\d+ cells: \d+ pass, 0 fail, 0 inconclusive, 0 unsupported, \d+ unspecified; nothing to look at/,
    );
    expect(ran.exitStatus, ran.stderr).toBe(0);

    const latest = join(repository, 'reports/latest');
    const rows = JSON.parse(await readFile(join(latest, 'results.json'), 'utf8')) as { cells: { variant: string }[] };
    expect(rows.cells.map(({ variant }) => variant)).toContain('x-ring-only'); // of the repository's own file
    expect(await readdir(latest)).toEqual(expect.arrayContaining(['index.html', 'junit.xml', 'allure.html']));
    for (const file of await readdir(repository, { recursive: true })) {
      if (file === 'package.json') continue;
      expect((await lstat(join(repository, file))).uid, file).toBe(USER);
    }
  });

  it.concurrent.for([
    ['speaks TLS', ['--transport', 'tls']],
    ['has a phone that is not ours', ['--ua', 'baresip']],
  ] as const)('%s', async ([, more], { expect, skip }) => {
    skip(process.getuid?.() !== 0, 'only root can make a folder of somebody else');
    await using place = await scratch();
    const repository = await repositoryOf(USER, place.dir);
    const narrow = ['ms-sipre/voicemail-busy', '--variant', 'x-no-voicemail', '--no-allure'];
    const { stdout, stderr, exitStatus } = await ringfence(repository, ['run', ...narrow, ...more]);
    expect(stdout, stderr).toContain('2 cells: 2 pass');
    expect(exitStatus).toBe(0);
  });

  it.concurrent('is what docs/ci/kubernetes.yaml starts', async ({ expect, skip }) => {
    skip(process.getuid?.() !== 0, 'only root can make a folder of somebody else');
    await using place = await scratch();
    const reports = join(place.dir, 'reports');
    await mkdir(reports);
    const text = (await readFile(join(ROOT, 'docs/ci/kubernetes.yaml'), 'utf8')).replaceAll('RINGFENCE_RUN', 'run-1');
    const jobs = parseAllDocuments(text).map((each) => each.toJS() as Job);
    const [calls, report] = jobs.filter(({ kind }) => kind === 'Job');
    const selection = '--no-allure --policy ms-sipre --situation voicemail-busy --variant none';
    /** What a cluster makes of a Job, of one shard alone. */
    const start = async (job: Job | undefined): Promise<Finished> => {
      if (job === undefined) throw new Error('the template has no such Job');
      const { containers, securityContext } = job.spec.template.spec;
      const [{ command, args, env, volumeMounts }] = containers;
      const { runAsUser, runAsGroup } = securityContext;
      await chown(reports, runAsUser, runAsGroup);
      const given = { SHARDS: '1', SELECTION: selection, JOB_COMPLETION_INDEX: '0' };
      const variables = Object.entries({ ...Object.fromEntries(env.map((each) => [each.name, each.value])), ...given });
      const mounts = volumeMounts.map(({ name, mountPath }) =>
        name === 'scratch' ? `--tmpfs=${mountPath}` : `--volume=${reports}:${mountPath}`,
      );
      const [entry = '', ...more] = command;
      return docker([
        `--user=${runAsUser}:${runAsGroup}`,
        `--entrypoint=${entry}`,
        ...mounts,
        ...variables.map(([name, value]) => `--env=${name}=${value}`),
        image,
        ...more,
        ...args,
      ]);
    };
    const placed = await start(calls);
    expect(placed.exitStatus, placed.stderr).toBe(0);
    const merged = await start(report);
    expect(merged.exitStatus, merged.stderr).toBe(0);
    expect(merged.stdout).toContain('1 cell: 1 pass');
  });

  it.concurrent('says what to do where it may not write the report', async ({ expect, skip }) => {
    skip(process.getuid?.() !== 0, 'only root can make a folder of somebody else');
    await using place = await scratch();
    const repository = await repositoryOf(USER, place.dir);
    const { stderr, exitStatus } = await ringfence(repository, ['run', 'voicemail-busy'], '10001:10001');
    expect(stderr).toMatch(/the report cannot be written to .*EACCES.*name another/);
    expect(exitStatus).toBe(2);
  });
});
