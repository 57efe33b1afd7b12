/** `./ringfence test --changed`: what is selected, and that nothing is missed. */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { appendFile, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { namedBy, reaching } from '../../harness/cli/reach.ts';
import { selectChanged, selectTests } from '../../harness/cli/test-selection.ts';
import { UsageError } from '../../harness/errors.ts';
import { type Scratch, scratch } from './scratch.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const MAIN = ['harness', 'cli', 'main.ts'].join('/');

/** A project in which every kind of way from a test to a file occurs once. */
const PROJECT: Readonly<Record<string, string>> = {
  'test/hygiene.test.ts': "globSync('**/*')",
  'test/imports-it.test.ts': "import { a } from '../harness/a.ts';",
  'test/starts-it.test.ts': "spawn(fileURLToPath(new URL('../harness/main.ts', import.meta.url)))",
  'test/reads-it.test.ts': "readFileSync(new URL('../docs/guide.md', import.meta.url))",
  'test/lists-it.test.ts': "readdirSync(join(import.meta.dirname, 'corpus'))",
  'test/finds-it.test.ts': "globSync('scenarios/**/*.ts', { cwd: ROOT })",
  'test/talks-of-it.test.ts': '// as in ../harness/a.ts\n/** and harness/b.ts */\n',
  'test/corpus/one.dat': 'x',
  'harness/a.ts': "import './b.ts';",
  'harness/b.ts': '',
  'harness/main.ts': ['await import("./c.ts"); run("containers", "start.sh", `', '{here}/client/page.js`);'].join('$'),
  'harness/start.sh': 'exec "$here/tools/begin" ./then.sh',
  'harness/then.sh': '',
  'tools/begin': '',
  'harness/c.ts': '',
  'harness/client/page.js': '',
  'harness/lonely.ts': '',
  'containers/server/server.cfg': '',
  'scenarios/deep/one.ts': '',
  'docs/guide.md': 'see harness/lonely.ts',
  'docs/other.md': '',
  'package.json': '{}',
};
const ALL = Object.keys(PROJECT).filter((file) => file.endsWith('.test.ts'));

const selection = (...changed: readonly string[]) => {
  const files = Object.keys(PROJECT);
  const naming = Object.entries(PROJECT).filter(([file]) => /\.([jt]s|sh)$/.test(file) && !file.includes('hygiene'));
  return selectTests(files, namedBy(new Map(naming), [...files, ...changed]), changed);
};
const select = (...changed: readonly string[]): string[] =>
  selection(...changed).tests.map((file) => file.replace(/^test\/|\.test\.ts$/g, ''));

describe('a changed file selects the tests that reach it', () => {
  it.for([
    ['harness/a.ts', ['imports-it']],
    ['harness/b.ts', ['imports-it']],
    ['harness/main.ts', ['starts-it']],
    ['harness/c.ts', ['starts-it']],
    ['harness/client/page.js', ['starts-it']],
    ['harness/then.sh', ['starts-it']],
    ['tools/begin', ['starts-it']],
    ['containers/server/server.cfg', ['starts-it']],
    ['containers/server/new.cfg', ['starts-it']],
    ['docs/guide.md', ['reads-it']],
    ['docs/other.md', []],
    ['test/corpus/one.dat', ['lists-it']],
    ['test/corpus/gone.dat', ['lists-it']],
    ['scenarios/deep/one.ts', ['finds-it']],
    ['test/talks-of-it.test.ts', ['talks-of-it']],
  ] as const)('%s: %j', ([file, tests]) => {
    expect(select(file)).toEqual(['hygiene', ...tests].toSorted());
  });

  it('or all, when all stand on it, or when nobody knows which', () => {
    for (const file of ['package.json', 'harness/lonely.ts', 'of-a-new-kind']) {
      expect(select(file), file).toHaveLength(ALL.length);
    }
  });

  it('several of them together what each selects, and says by which way', () => {
    expect(select('harness/b.ts', 'docs/guide.md')).toEqual(['hygiene', 'imports-it', 'reads-it']);
    expect(selection('harness/b.ts').why).toEqual([
      'harness/b.ts: 1 test file, e.g. test/imports-it.test.ts > harness/a.ts',
    ]);
    expect(select()).toEqual([]);
  });
});

it('the way back is a shortest one', () => {
  const named = new Map([
    ['a', new Set(['b', 'c'])],
    ['b', new Set(['c'])],
    ['c', new Set(['goal'])],
    ['d', new Set<string>()],
  ]);
  expect(reaching('goal', named)).toEqual(new Map(Object.entries({ c: 'goal', a: 'c', b: 'c' })));
});

/** A git checkout of its own. */
class Checkout {
  readonly #dir: string;
  constructor({ dir }: Scratch) {
    this.#dir = dir;
  }

  git(...args: string[]): string {
    const who = ['-c', 'user.name=x', '-c', 'user.email=x@example.org', '-c', 'commit.gpgsign=false'];
    return execFileSync('git', ['-C', this.#dir, ...who, ...args], { encoding: 'utf8' }).trim();
  }

  async commit(files: Readonly<Record<string, string>>): Promise<string> {
    for (const [file, text] of Object.entries(files)) {
      await mkdir(dirname(join(this.#dir, file)), { recursive: true });
      await writeFile(join(this.#dir, file), text);
    }
    this.git('add', '-A');
    this.git('commit', '-qm', 'x');
    return this.git('rev-parse', 'HEAD');
  }

  changed(...since: readonly string[]) {
    return selectChanged(this.#dir, since);
  }
}

describe('what has changed', () => {
  it('is counted from where the branch left main, or from a commit, with what is not committed yet', async () => {
    await using place = await scratch();
    const checkout = new Checkout(place);
    checkout.git('init', '-q', '-b', 'main');
    const began = await checkout.commit(PROJECT);
    expect(await checkout.changed()).toEqual({ since: began, tests: [], why: ['nothing has changed'] });
    checkout.git('checkout', '-qb', 'mine');
    const first = await checkout.commit({ 'harness/b.ts': 'export {};' });
    await writeFile(join(place.dir, 'containers/server/new.cfg'), '');
    await rm(join(place.dir, 'test/corpus/one.dat'));
    const [hygiene, imports, starts, lists] = ['hygiene', 'imports-it', 'starts-it', 'lists-it'].map(
      (name) => `test/${name}.test.ts`,
    );
    expect(await checkout.changed()).toMatchObject({ since: began, tests: [hygiene, imports, lists, starts] });
    expect(await checkout.changed('HEAD')).toMatchObject({ since: first, tests: [hygiene, lists, starts] });
    await appendFile(join(place.dir, 'package.json'), '\n');
    expect((await checkout.changed()).tests).toEqual(ALL.toSorted());
  });

  it('cannot be told of a commit that is not there, or of two', async () => {
    await expect(selectChanged(ROOT, ['no-such-commit'])).rejects.toThrow(UsageError);
    await expect(selectChanged(ROOT, ['HEAD', 'HEAD'])).rejects.toThrow(/takes one commit, not 2/);
  });
});

describe('of this project', () => {
  const files = execFileSync('git', ['-C', ROOT, 'ls-files', '-z', '--cached', '--others', '--exclude-standard'])
    .toString()
    .split('\0')
    .filter((file) => file !== '' && existsSync(join(ROOT, file)));
  const tests = files.filter((file) => file.endsWith('.test.ts'));
  const textOf = new Map(
    files
      .filter((file) => /\.[cm]?[jt]s$|Dockerfile$|\.sh$|^ringfence$|^\.ci\//.test(file) && !file.includes('hygiene'))
      .map((file) => [file, readFileSync(join(ROOT, file), 'utf8')]),
  );
  const named = namedBy(textOf, files);

  it.for([
    ['harness/ladder/model.ts', 'test/report/html.test.ts'],
    ['harness/report/html/client/filters.ts', 'test/report/html.test.ts'],
    [MAIN, 'test/cli/run.test.ts'],
    ['harness/judge/judge.ts', 'test/cli/run.test.ts'],
    ['harness/sip/message.ts', 'test/drachtio-srf-suite/suite.test.ts'],
    ['harness/processes/watchdog.sh', 'test/processes/process.test.ts'],
    ['harness/ua/baresip/main.ts', 'test/ua/baresip.test.ts'],
    ['containers/kamailio/kamailio.cfg', 'test/kamailio/calls.test.ts'],
    ['containers/kamailio/kamailio.cfg', 'test/sabotage/registry.test.ts'],
    ['containers/baresip/Dockerfile', 'test/runtime/docker/images.test.ts'],
    ['scenarios/team-ring.ts', 'test/data.test.ts'],
    ['README.md', 'test/cli/run.test.ts'],
    ['reports/schema/results.schema.json', 'test/results/schema.test.ts'],
    ['reports/sample/results.json', 'test/report/matrix.test.ts'],
    ['docs/ci/gitlab-ci.yml', 'test/ci/templates.test.ts'],
    ['.ci/docker-engine', 'test/runtime/docker/ci-engine.test.ts'],
    ['ringfence', 'test/setup/bootstrap.test.ts'],
    ['harness/setup/apt-install.sh', 'test/setup/tools.test.ts'],
    ['test/drachtio-srf-suite/sipp-helper.cjs', 'test/drachtio-srf-suite/suite.test.ts'],
  ] as const)('%s selects %s, and not all', ([file, test]) => {
    const { tests: selected } = selectTests(files, named, [file]);
    expect(selected).toContain(test);
    expect(selected.length).toBeLessThan(tests.length * 0.75);
  });

  it('no test file imports what it does not reach', () => {
    const imports = /^(?:import\b.*|\} )from '(\.[^']+)';$/gm;
    const missed = tests.flatMap((test) =>
      [...(textOf.get(test) ?? '').matchAll(imports)]
        .map(([, specifier = '']) => join(dirname(test), specifier))
        .filter((imported) => named.get(test)?.has(imported) !== true)
        .map((imported) => `${test} > ${imported}`),
    );
    expect(missed).toEqual([]);
    expect(textOf.get('test/plan/plan.test.ts')).toMatch(imports);
  });
});
