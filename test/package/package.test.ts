/** The package, as a user gets it: packed, installed by npm into a repository of the user's own, and used there. */
import { globSync } from 'node:fs';
import { cp, mkdtemp, readFile, rm } from 'node:fs/promises';
import { builtinModules } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
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
  await rm(dirname(tarball), { recursive: true, force: true });
});

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
    expect(await report('summary.md')).toContain('x-mine');
  }, 120_000);

  it('says how a mistake in a file of the user is found, with its line', async () => {
    await user.write({ 'wrong/busy.ts': SCENARIO.replace("callee: 'busy'", "callee: 'bussy'") });
    const { exitStatus, stderr } = await user.ringfence('list', 'situations', '--scenarios', 'wrong');
    expect(stderr).toContain(`${join(user.folder, 'wrong/busy.ts')}:16: callee: found 'bussy'; allowed: `);
    expect(exitStatus).toBe(2);
  });

  it('has types that a strict compiler takes, without a look away from those of libraries', async () => {
    await user.write({
      'tsconfig.json': JSON.stringify({
        compilerOptions: {
          module: 'nodenext',
          target: 'es2024',
          strict: true,
          noEmit: true,
          skipLibCheck: false,
          allowJs: true,
          checkJs: true,
          types: ['node'],
          typeRoots: [join(ROOT, 'node_modules/@types')],
          erasableSyntaxOnly: true,
        },
        include: ['scenarios'],
      }),
    });
    const tsc = join(ROOT, 'node_modules/.bin/tsc');
    const ofUs = (text: string): string[] => text.split('\n').filter((line) => /ringfence|^scenarios/.test(line));
    const right = await user.run(tsc, ['-p', '.']);
    expect(ofUs(right.stdout)).toEqual([]);

    await user.write({ 'scenarios/headers.ts': HEADERS.replace('decoy', 'decoi') });
    const wrong = await user.run(tsc, ['-p', '.']);
    await user.write({ 'scenarios/headers.ts': HEADERS });
    expect(ofUs(wrong.stdout).join('\n')).toMatch(/^scenarios\/headers\.ts\(4,.*"decoi"/);
  });

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
    const known = new Set([...Object.keys(dependencies), ...builtinModules]);
    const strange: string[] = [];
    for (const file of files.filter((name) => name.endsWith('.js'))) {
      const text = await readFile(join(home, file), 'utf8');
      for (const [, specifier = ''] of text.matchAll(/(?:from|import\(|import|resolve\() ?'([^'./][^']*)'/g)) {
        const name = specifier.startsWith('@') ? specifier.split('/', 2).join('/') : (specifier.split('/')[0] ?? '');
        if (!specifier.startsWith('node:') && !known.has(name)) strange.push(`${file}: ${specifier}`);
      }
    }
    expect(strange).toEqual([]);
  });

  it('has what goes into images, where no package is', async () => {
    const app = await mkdtemp(join(tmpdir(), 'ringfence-image-'));
    const dist = join(user.folder, 'node_modules/ringfence/dist');
    for (const part of ['harness', 'package.json']) await cp(join(dist, part), join(app, part), { recursive: true });
    const dockerfiles = ['drachtio', 'baresip'].map((name) => join(dist, 'containers', name, 'Dockerfile'));
    const said: string[] = [];
    for (const file of dockerfiles) {
      const [, entry = ''] = /^ENTRYPOINT \["node", "([^"]+)"/m.exec(await readFile(file, 'utf8')) ?? [];
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
