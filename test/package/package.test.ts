/** The package, as a user gets it: packed, installed by npm into a repository of the user's own, and used there. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm, symlink } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { packed, ROOT, run, UserRepository } from './user.ts';

const SCENARIO = `import { defineScenario, type Leg } from 'ringfence';

const ofPhones = ({ role }: Leg): boolean => role === 'phone';

export default defineScenario({
  id: 'mine-busy',
  title: 'Busy: the call goes to the forward target',
  feature: 'forwarding',
  subscriber: {
    flags: ['enablecf'],
    lists: ['forwardto'],
    waits: { totalMs: 600, userMs: 200, team2Ms: 600 },
    voicemail: true,
    doNotDisturb: false,
  },
  callee: 'busy',
  caller: 'patient',
  trap: 'forward-target',
  kind: 'diversion',
  assert: (seen, expect) => expect(seen.legs.filter(ofPhones)).toHaveLength(1),
});
`;

const PLAIN = `/** @type {import('ringfence').Scenario} */
export default {
  id: 'plain-busy',
  title: 'Busy: voice mail takes the call',
  feature: 'voicemail',
  subscriber: {
    flags: [],
    lists: [],
    waits: { totalMs: 600, userMs: 200, team2Ms: 600 },
    voicemail: true,
    doNotDisturb: false,
  },
  callee: 'busy',
  caller: 'patient',
  trap: 'voicemail',
  kind: 'diversion',
};
`;

const HEADERS = `import { defineHeaders } from 'ringfence';

export const variants = defineHeaders([
  { id: 'x-mine', title: 'X-Mine: yes', kind: 'decoy', claims: [], headers: ['X-Mine: yes'] },
]);
`;

const TSCONFIG = {
  compilerOptions: {
    module: 'nodenext',
    target: 'es2024',
    strict: true,
    noEmit: true,
    incremental: true, // what is checked of libraries holds for the next program, too
    skipLibCheck: false,
    allowJs: true,
    checkJs: true,
    types: ['node'],
    erasableSyntaxOnly: true,
    allowImportingTsExtensions: true,
  },
};

/** Packages, in all ways of naming one to Node.js. */
const IMPORTED =
  /(?<=^(?:import|export) [^'\n=]*from '|^import '|\b(?:import|import\.meta\.resolve)\(')[^'./][^'\n]*(?=')/gm;

/** Files, as modules name them from where they are. */
const NAMED =
  /(?<=^(?:import|export) [^'\n=]*from '|^import '|\bimport\(')\.[^'\n]+(?=')|(?<=new URL\(')[^'\n]+(?=', import\.meta)/gm;

let tarball = '';
let user: UserRepository;
beforeAll(async () => {
  tarball = await packed();
  user = await UserRepository.make(tarball, {
    'scenarios/mine-busy.ts': SCENARIO,
    'scenarios/plain-busy.js': PLAIN,
    'scenarios/headers.ts': HEADERS,
  });
}, 600_000);
afterAll(async () => {
  await user?.[Symbol.asyncDispose]();
});

/** Other repositories with the same packages installed. */
async function another(files: Readonly<Record<string, string>>): Promise<UserRepository> {
  const folder = await mkdtemp(join(tmpdir(), 'ringfence-another-'));
  await symlink(join(user.folder, 'node_modules'), join(folder, 'node_modules'));
  const repository = new UserRepository(folder);
  await repository.write(files);
  return repository;
}

describe('the installed package', () => {
  it('places calls, in situations of TypeScript and of JavaScript, and reports into the folder it was started in', async () => {
    const args = ['mine-busy', 'plain-busy', '--scenarios', 'scenarios', '--policy', 'ms-sipre', '--variant', 'x-mine'];
    const { exitStatus, stdout, stderr } = await user.ringfence('run', ...args);
    expect(stderr).not.toContain('warning');
    expect(stdout).toContain('4 cells: 4 pass');
    expect(exitStatus).toBe(0);
    const report = (file: string): Promise<string> => readFile(join(user.folder, 'reports/latest', file), 'utf8');
    const { cells } = JSON.parse(await report('results.json')) as { cells: readonly { rerun?: string }[] };
    expect(cells).toHaveLength(4);
    expect(await report('allure.html')).toContain('<html');
    expect(await report('index.html')).toContain('fflate');
    expect(await report('summary.md')).toContain('X-Mine: yes');
  }, 300_000);

  it('says how a mistake in a file of the user is found, with its line', async () => {
    await user.write({ 'wrong/busy.ts': SCENARIO.replace("callee: 'busy'", "callee: 'bussy'") });
    const { exitStatus, stderr } = await user.ringfence('list', 'situations', '--scenarios', 'wrong');
    expect(stderr).toContain(`${join(user.folder, 'wrong/busy.ts')}:16: callee: found 'bussy'; allowed: `);
    expect(exitStatus).toBe(2);
  });

  it('has types that a strict compiler takes, without a look away from those of libraries', async () => {
    await user.write({
      'tsconfig.json': JSON.stringify({ ...TSCONFIG, include: ['scenarios'] }),
    });
    const tsc = join(ROOT, 'node_modules/.bin/tsc');
    const right = await user.run(tsc, ['-p', '.']);
    expect(right.stdout).toBe('');

    await user.write({ 'scenarios/headers.ts': HEADERS.replace('decoy', 'decoi') });
    const wrong = await user.run(tsc, ['-p', '.']);
    await user.write({ 'scenarios/headers.ts': HEADERS });
    expect(wrong.stdout).toMatch(/^scenarios\/headers\.ts\(4,.*"decoi"/);
  });

  it('gives a test of the user peers, a server and matchers', async () => {
    const examples = ['night-service.ts', 'night-service.test.ts'];
    for (const name of examples) {
      await user.write({ [`test/${name}`]: await readFile(join(ROOT, 'docs/examples', name), 'utf8') });
    }
    await user.write({ 'tsconfig.json': JSON.stringify({ ...TSCONFIG, include: ['test'] }) });
    const types = await user.run(join(ROOT, 'node_modules/.bin/tsc'), ['-p', '.']);
    expect(types.stdout).toBe('');
    const vitest = join(user.folder, 'node_modules/.bin/vitest');
    const right = await user.run(vitest, ['run']);
    expect(right.stdout).toContain('1 passed');
    const test = await readFile(join(user.folder, 'test/night-service.test.ts'), 'utf8');
    await user.write({ 'test/night-service.test.ts': test.replace('secondary', 'primary') });
    const wrong = await user.run(vitest, ['run']);
    expect(wrong.exitStatus).toBe(1);
    expect(`${wrong.stdout}${wrong.stderr}`).toMatch(/expected the call to have sent INVITE with .*\n\nalice calls/);
  }, 300_000);

  it('runs as parts of a program', async () => {
    await user.write({ 'ask.ts': await readFile(join(ROOT, 'docs/examples/ask.ts'), 'utf8') });
    await user.write({ 'tsconfig.json': JSON.stringify({ ...TSCONFIG, include: ['ask.ts'] }) });
    const types = await user.run(join(ROOT, 'node_modules/.bin/tsc'), ['-p', '.']);
    expect(types.stdout).toBe('');
    const { stdout } = await user.run(process.execPath, ['ask.ts', 'asked']);
    expect(stdout.trim().split('\n').toSorted()).toEqual([
      'pass kamailio/ms-sipre/voicemail-busy/none/udp/direct',
      'pass kamailio/ms-sipre/voicemail-busy/x-no-voicemail/udp/direct',
    ]);
  }, 300_000);

  it('is refused neither by publint nor by attw', async () => {
    const publint = await user.run(join(ROOT, 'node_modules/.bin/publint'), [tarball, '--strict']);
    expect(publint).toMatchObject({ exitStatus: 0, stdout: expect.stringContaining('All good!') });
    const attw = await user.run(join(ROOT, 'node_modules/.bin/attw'), [tarball, '--profile', 'esm-only']);
    expect(attw.exitStatus).toBe(0);
  });

  it('offers what is in it, and nothing that only a checkout has', async () => {
    const { stdout } = await user.ringfence('help');
    expect(stdout).toContain('Usage: npx ringfence COMMAND');
    expect(stdout).not.toMatch(/\.\/ringfence|^ {2}(test|bench) /m);
    const doctor = await user.ringfence('doctor');
    expect(doctor.stdout).toContain('npx ringfence run can work here.');
  });

  it('has no test, no source and no measurement in it, and all that its modules import', async () => {
    const home = join(user.folder, 'node_modules/ringfence');
    const { dependencies } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    const files = globSync('**/*', { cwd: home });
    expect(
      files.filter(
        (file) => !file.includes('/examples/') && /(^|\/)(test|bench|packaging)\/|\.test\.|(?<!\.d)\.ts$/.test(file),
      ),
    ).toEqual([]);
    const known = new Set([...Object.keys(dependencies), ...builtinModules, 'ringfence']);
    const strange: string[] = [];
    for (const file of files.filter((name) => name.endsWith('.js'))) {
      const text = await readFile(join(home, file), 'utf8');
      for (const [specifier] of text.matchAll(IMPORTED)) {
        const name = specifier.startsWith('@') ? specifier.split('/', 2).join('/') : (specifier.split('/')[0] ?? '');
        if (!specifier.startsWith('node:') && !known.has(name)) strange.push(`${file}: ${specifier}`);
      }
    }
    expect(strange).toEqual([]);
  });

  it('has every file that its modules name', () => {
    const dist = join(user.folder, 'node_modules/ringfence/dist');
    const missing = globSync('**/*.{js,d.ts}', { cwd: dist }).flatMap((file) =>
      (readFileSync(join(dist, file), 'utf8').match(NAMED) ?? [])
        .filter((name) => !existsSync(join(dist, dirname(file), name)))
        .map((name) => `${file}: ${name}`),
    );
    // The commands of a checkout, which `command-line.js` does not offer.
    expect(missing.toSorted()).toEqual([
      'harness/cli/command-line.js: ../../bench/index.js',
      'harness/cli/command-line.js: ./test.js',
    ]);
  });

  it('has what goes into images, where no package is', async () => {
    const app = await mkdtemp(join(tmpdir(), 'ringfence-image-'));
    const dist = join(user.folder, 'node_modules/ringfence/dist');
    for (const part of ['harness', 'package.json']) await cp(join(dist, part), join(app, part), { recursive: true });
    const dockerfiles = ['drachtio', 'baresip'].map((name) => join(dist, 'containers', name, 'Dockerfile'));
    const said: string[] = [];
    for (const file of dockerfiles) {
      const text = await readFile(file, 'utf8');
      expect(text, 'modules that only a checkout has').not.toMatch(/^[^#].*\.ts\b/m);
      const [, entry = ''] = /^ENTRYPOINT \["node", "([^"]+)"/m.exec(text) ?? [];
      const env = { RINGFENCE_ACTION: 'describe', RINGFENCE_BARESIP: 'no-such-baresip' };
      const { stdout, stderr } = await run(process.execPath, [entry, 'drachtio', '--help'], { cwd: app, env });
      said.push(`${stdout}${stderr}`);
    }
    await rm(app, { recursive: true });
    expect(said).toEqual([
      expect.stringMatching(/^Usage: .*drachtio --sip/),
      expect.stringMatching(/^no-such-baresip is not installed/),
    ]);
  });
});

describe('a start in a repository of CommonJS, on GitHub', () => {
  let repository: UserRepository;
  const mine = (file: string): Promise<string> => readFile(join(repository.folder, file), 'utf8');
  /** A command line that Ringfence has printed or written. */
  const typed = (line: string, ...more: readonly string[]) => {
    const [npx, ringfence, ...args] = line.trim().split(' ');
    expect([npx, ringfence]).toEqual(['npx', 'ringfence']);
    return repository.ringfence(...args, ...more);
  };
  const nextOf = (stdout: string): string => /^Next: .*?(npx ringfence .*)$/m.exec(stdout)?.[1] ?? stdout;

  beforeAll(async () => {
    repository = await another({
      'package.json': '{ "type": "commonjs" }',
      '.github/CODEOWNERS': '',
      '.gitignore': 'node_modules/',
    });
  });
  afterAll(() => repository?.[Symbol.asyncDispose]());

  it('is written, and runs as it says', async () => {
    const { stdout, exitStatus } = await repository.ringfence('init');
    expect(stdout.split('\n').slice(0, 5)).toEqual([
      'wrote ringfence.config.mts',
      'wrote scenarios/busy-then-forward.mts',
      'wrote scenarios/x-ring-only.mts',
      'wrote .github/workflows/ringfence.yml',
      'added reports/ to .gitignore',
    ]);
    expect(exitStatus).toBe(0);
    expect(await mine('.gitignore')).toBe('node_modules/\nreports/\n');
    const ran = await typed(nextOf(stdout));
    expect(ran.stdout).toContain('12 cells: 12 pass');
    expect(ran.exitStatus).toBe(0);
  }, 300_000);

  it('has a pipeline whose command works', async () => {
    const { jobs } = parse(await mine('.github/workflows/ringfence.yml'));
    const commands = jobs.calls.steps.flatMap(({ run: line }: { run?: string }) => line ?? []);
    expect(commands).toEqual(['npm ci', expect.stringMatching(/^npx ringfence run/)]);
    const kept = jobs.calls.steps.at(-1).with.path;
    const { exitStatus } = await typed(
      commands[1],
      '--policy',
      'plain',
      '--situation',
      'voicemail-busy',
      '--variant',
      'none',
      '--no-allure',
    );
    expect(exitStatus).toBe(0);
    expect(await mine(`${kept}/junit.xml`)).toContain('<testsuite');
  }, 300_000);

  it('is kept as it is the second time', async () => {
    await repository.write({ 'scenarios/x-ring-only.mts': HEADERS });
    const { stdout } = await repository.ringfence('init');
    expect(stdout).not.toMatch(/^(wrote|added)/m);
    expect(stdout.match(/^kept /gm)).toHaveLength(5);
    expect(await mine('scenarios/x-ring-only.mts')).toBe(HEADERS);
  });

  it('takes a new scenario, header and caller, which run', async () => {
    const made = await repository.ringfence('new', 'scenario', 'night-service');
    expect(made.stdout).toContain('wrote scenarios/night-service.mts');
    const header = await repository.ringfence('new', 'header', 'x-night');
    const both = await typed(
      nextOf(header.stdout),
      '--situation',
      'night-service',
      '--policy',
      'ms-sipre',
      '--no-allure',
    );
    expect(both.stdout).toContain('2 cells: 2 pass');
    const caller = await repository.ringfence('new', 'caller', 'agent-app');
    const asked = await typed(nextOf(caller.stdout));
    expect(asked.stdout).toMatch(/caller +ok +agent-app 1.0/);
    const called = ['voicemail-busy', '--policy', 'ms-sipre', '--caller', 'command:callers/agent-app.mts'];
    const ran = await repository.ringfence('run', ...called, '--no-allure');
    expect(ran.stdout).toContain('2 cells: 2 pass');
  }, 180_000);

  it('takes a new server, which is asked what a run would be', async () => {
    const { stdout } = await repository.ringfence('new', 'server', 'our-pbx');
    const [, planning = ''] = /^Or, .* (npx ringfence run .*)$/m.exec(stdout) ?? [];
    const line = planning.replace('HOST:PORT', '127.0.0.1:5060');
    const { stdout: planned, stderr } = await repository.run(
      join(repository.folder, 'node_modules/.bin/ringfence'),
      line.split(' ').slice(2),
      { OUR_PBX_SECRET: 'x' },
    );
    expect(stderr).toBe('');
    expect(planned).toMatch(/\d+ calls/);
  });

  it('takes a new server that is a program, which is called', async () => {
    const { stdout } = await repository.ringfence('new', 'server', 'night-pbx');
    const asked = await typed(nextOf(stdout));
    expect(asked.stdout).toMatch(/^server +ok +night-pbx 1\.0: voicemail, busy, declined, offline;/m);
    expect(asked.exitStatus).toBe(0);
    const narrow = ['--situation', 'voicemail-busy', '--variant', 'target-class-secondary', '--expect', 'ms-sipre'];
    const program = 'command:servers/night-pbx.sh';
    const called = await repository.ringfence('run', '--server', program, ...narrow, '--no-allure');
    expect(called.stdout).toContain('2 cells: 2 pass');
    const obeys = await mine('servers/night-pbx.sh');
    await repository.write({ 'servers/night-pbx.sh': obeys.replace(/.*without this line.*\n/, '') });
    const deaf = await repository.ringfence('run', '--server', program, ...narrow, '--no-allure');
    expect(deaf.stdout).toContain('2 cells: 1 pass, 1 fail');
  }, 300_000);

  it('overwrites nothing with a new one, and says what else would do', async () => {
    const again = await repository.ringfence('new', 'header', 'x-night');
    expect(again.stderr).toContain('scenarios/x-night.mts is there already');
    const other = await repository.ringfence('new', 'headers', 'x');
    expect(other.stderr).toContain('did you mean "header"?');
    const unnamed = await repository.ringfence('new', 'header', 'X Y');
    expect(unnamed.stderr).toContain('not "X Y"');
    expect([again, other, unnamed].map(({ exitStatus }) => exitStatus)).toEqual([2, 2, 2]);
  });

  it('tells a wrong key of the configuration with its line, and what is allowed', async () => {
    const text = await mine('ringfence.config.mts');
    await repository.write({ 'ringfence.config.mts': text.replace('rate:', 'rat:') });
    const { stderr, exitStatus } = await repository.ringfence('run');
    await repository.write({ 'ringfence.config.mts': text });
    expect(stderr).toMatch(
      /ringfence\.config\.mts:8: rat: found 1000; allowed: no such key, but an object with .*rate/,
    );
    expect(exitStatus).toBe(2);
  });

  it('compiles', async () => {
    await repository.write({
      'tsconfig.json': JSON.stringify({ ...TSCONFIG, include: ['*.mts', 'scenarios', 'callers'] }),
    });
    const { stdout } = await repository.run(join(ROOT, 'node_modules/.bin/tsc'), ['-p', '.']);
    expect(stdout).toBe('');
  });
});

describe('a start in another repository', () => {
  it.for([
    ['on GitLab', {}, 'gitlab', 'wrote .gitlab-ci.yml'],
    ['on GitLab, with a pipeline', { '.gitlab-ci.yml': 'stages: []\n' }, 'gitlab', 'wrote .gitlab/ringfence.yml'],
    ['without a pipeline', {}, 'none', 'no pipeline: --ci github or --ci gitlab writes one'],
  ] as const)('%s', async ([, files, ci, said]) => {
    await using repository = await another({ 'package.json': '{ "type": "module" }', ...files });
    const { stdout } = await repository.ringfence('init', '--ci', ci);
    expect(stdout).toContain('wrote ringfence.config.ts');
    expect(stdout).toContain(said);
  });

  it('needs a package.json', async () => {
    await using repository = await another({});
    const { stderr, exitStatus } = await repository.ringfence('init');
    expect(stderr).toContain('start this in the folder where ringfence is installed');
    expect(exitStatus).toBe(2);
  });
});
