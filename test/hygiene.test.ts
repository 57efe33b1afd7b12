/** What must not be in the project's files, whoever's machine they come from. */
import { execFileSync } from 'node:child_process';
import { globSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

interface Rule {
  readonly id: string;
  readonly why: string;
  readonly files: RegExp;
  readonly pattern: RegExp;
  /** Lines that break the rule; they are tried below. */
  readonly bad: readonly string[];
  readonly good: readonly string[];
}

// The patterns and samples are put together from parts, so that this file obeys its own rules.
const AWAY = ['ho', 'me'].join('');
const TEST_FILE = /\.test\.ts$/;

const RULES: readonly Rule[] = [
  {
    id: 'no machine paths',
    why: 'a path of one machine means nothing on another; make it relative, or take os.tmpdir()',
    files: /^/,
    pattern: new RegExp(`(?<![\\w.$}~*-])/(?:work|root|tmp|${AWAY}|Users)/\\w`),
    bad: [`open('/${AWAY}/ann/x')`, `"/${['wo', 'rk'].join('')}/main"`],
    good: ["join(scratch, 'root/x')", 'harness/work/x', `dir}/${['tm', 'p'].join('')}/x`],
  },
  {
    id: 'no registry host',
    why: 'packages come from whichever registry the user has configured',
    files: /^/,
    pattern: new RegExp(['registry', '[\\w-]+(?:\\.[\\w-]+)*\\.(?:org|com|net|io|dev|internal)\\b'].join('\\.')),
    bad: [`https://${['registry', 'example.org'].join('.')}/vitest`],
    good: ['the registrar.example.org', 'Is the registry reachable?'],
  },
  {
    id: 'no exclusive tests',
    why: 'it would silence all the others',
    files: TEST_FILE,
    pattern: new RegExp(`\\b(?:it|test|describe|suite)(?:\\.\\w+)*\\.${['on', 'ly'].join('')}\\b`),
    bad: [`it.${['on', 'ly'].join('')}('x')`],
    good: ['only(x)'],
  },
  {
    id: 'no skip without a reason',
    why: "skip inside the test, with the reason: context.skip('why'), context.skip(condition, 'why')",
    files: TEST_FILE,
    pattern: new RegExp(
      `\\b(?:it|test|describe|suite)(?:\\.\\w+)*\\.(?:${['sk', 'ip'].join('')}|todo)\\b|\\.${['sk', 'ip'].join('')}\\(\\s*\\)`,
    ),
    bad: [`it.${['sk', 'ip'].join('')}('x')`, `context.${['sk', 'ip'].join('')}()`],
    good: ["context.skip('no Chromium')"],
  },
  {
    id: 'no silenced checker without a reason',
    why: 'say why: `biome-ignore rule: why`, `oxlint-disable-next-line rule -- why`, `@ts-expect-error why`',
    files: /\.(ts|js|cjs|mjs|css)$/,
    pattern: new RegExp(
      [
        'biome-',
        'ignore(?! [\\w/]+: \\w)|oxlint-',
        'disable(?!.* -- \\w)|@ts-',
        '(?:ignore|nocheck|expect-error(?! \\w))',
      ].join(''),
    ),
    bad: [`// @${'ts-'}ignore`, `// oxlint-${'disable'}-next-line no-new`],
    good: [`// oxlint-${'disable'}-next-line no-new -- it registers itself`],
  },
];

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MAX_TEXT_BYTES = 2_000_000;

/** What a checkout tracks; in an unpacked archive, all there is but what the set-up and the runs make. */
function projectFiles(): string[] {
  try {
    const output = execFileSync('git', ['-C', ROOT, 'ls-files', '-z'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    if (output !== '') return output.split('\0').filter(Boolean);
  } catch {
    // No git, or no checkout.
  }
  const made = [
    '**/node_modules/**',
    'docs/api/**',
    '.tools/**',
    '.git/**',
    '.vitest/**',
    'reports/!(schema|sample)/**',
  ];
  return globSync('**/*', { cwd: ROOT, exclude: made });
}

function textOf(file: string): string {
  const path = join(ROOT, file);
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isFile() !== true || stat.size > MAX_TEXT_BYTES) return '';
  const text = readFileSync(path, 'latin1');
  return text.includes('\0') ? '' : text;
}

const files = projectFiles();

describe('the project files', () => {
  it('are found', () => {
    expect(files).toContain('package.json');
    expect(files).toContain('test/plan/plan.test.ts');
  });

  it.for(RULES)('$id', ({ files: where, pattern, why }) => {
    const found = files
      .filter((file) => where.test(file))
      .flatMap((file) =>
        textOf(file)
          .split('\n')
          .flatMap((line, index) => (pattern.test(line) ? `${file}:${index + 1}: ${line.trim().slice(0, 120)}` : [])),
      );
    expect(found, why).toEqual([]);
  });

  it('pin every dependency to one version', () => {
    const loose = ['package.json', 'packaging/api/package.json'].flatMap((file) => {
      const { dependencies, devDependencies } = JSON.parse(textOf(file)) as Record<string, Record<string, string>>;
      return Object.entries({ ...dependencies, ...devDependencies });
    });
    // A link to a folder of the checkout has no version.
    expect(loose.filter(([, range]) => !/^(\d+\.\d+\.\d+|file:packaging\/\w+)$/.test(range))).toEqual([]);
  });

  it('lock packages for every platform, without saying where they were fetched from', () => {
    const lock = JSON.parse(textOf('package-lock.json')) as { packages: Record<string, LockedPackage> };
    const entries = Object.entries(lock.packages);
    expect(entries.filter(([, { resolved, link }]) => resolved !== undefined && link !== true)).toEqual([]);
    const optional = entries.flatMap(([, { optionalDependencies = {} }]) => Object.keys(optionalDependencies));
    const absent = optional.filter((name) => !entries.some(([path]) => path.endsWith(`node_modules/${name}`)));
    // npm ci refuses such a lock file; npm install writes one when it cannot reach a package of another platform.
    expect(absent).toEqual([]);
  });

  it('keep the compiler out of what a run installs: valibot may use one, and npm would bring it along', () => {
    const lock = JSON.parse(textOf('package-lock.json')) as { packages: Record<string, LockedPackage> };
    const compilers = Object.entries(lock.packages).filter(([path]) =>
      /^node_modules\/(@typescript\/)?typescript/.test(path),
    );
    expect(compilers.length).toBeGreaterThan(1);
    const advice =
      "take valibot's peerDependencies and peerDependenciesMeta out of package-lock.json and run npm install";
    expect(
      compilers.filter(([, { dev }]) => dev !== true).map(([path]) => path),
      advice,
    ).toEqual([]);
  });
});

interface LockedPackage {
  readonly resolved?: string;
  /** A folder of the checkout. */
  readonly link?: boolean;
  readonly dev?: boolean;
  readonly optionalDependencies?: Record<string, string>;
}

describe('the rules of hygiene', () => {
  it.for(RULES)('$id: finds what breaks it, and nothing else', ({ pattern, bad, good }) => {
    expect(bad.filter((line) => !pattern.test(line))).toEqual([]);
    expect(good.filter((line) => pattern.test(line))).toEqual([]);
  });
});
