/** Who may import whom. To allow an edge, add it to the table and say in the review why it is needed. */
import { globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

interface Rule {
  /** Other parts that this one may import; `any`, but the browser's, is for the command line alone, where all parts meet. */
  readonly parts: readonly string[] | 'any';
  /** Parts of which it may import types only. */
  readonly types?: readonly string[];
  /** Packages; `node:` stands for all of Node's own. A part without it is pure: no clock, no files, no network. */
  readonly packages?: readonly string[];
  readonly typePackages?: readonly string[];
}

const ENGINE: Readonly<Record<string, Rule>> = {
  scenarios: { parts: [], types: ['harness/model'] },
  // `assert` of a scenario is handed vitest's `expect`.
  'harness/model': { parts: [], packages: ['valibot'], typePackages: ['vitest'] },
  'harness/errors.ts': { parts: [] },
  'harness/define.ts': { parts: [], types: ['harness/model'] },
  'harness/unknown-word.ts': { parts: ['harness/errors.ts'], packages: ['fastest-levenshtein'] },
  'harness/complaint.ts': { parts: [], packages: ['node:', 'valibot'] },
  'harness/now.ts': { parts: [] },
  'harness/counted.ts': { parts: [] },
  'harness/place.ts': { parts: [], packages: ['node:'] },
  'harness/http.ts': { parts: [], packages: ['node:'] },
  'harness/plan': {
    parts: [
      'harness/counted.ts',
      'harness/model',
      'harness/complaint.ts',
      'harness/errors.ts',
      'harness/unknown-word.ts',
    ],
    // The parser tells in which line of a user's file something is wrong.
    packages: ['node:', 'valibot', 'rolldown', 'yaml'],
  },
  'harness/oracle': { parts: ['harness/model', 'harness/sip'] },
  'harness/judge': { parts: ['harness/model', 'harness/plan', 'harness/oracle'] },
  'harness/sip': { parts: ['harness/now.ts', 'harness/errors.ts'], packages: ['node:'] },
  'harness/drachtio': { parts: ['harness/sip', 'harness/errors.ts'], packages: ['node:'] },
  'harness/processes': { parts: ['harness/model', 'harness/http.ts', 'harness/errors.ts'], packages: ['node:'] },
  'harness/setup': { parts: ['harness/errors.ts', 'harness/place.ts'], packages: ['node:'] },
  'harness/endpoints': {
    parts: ['harness/now.ts', 'harness/model', 'harness/drachtio', 'harness/sip', 'harness/errors.ts'],
    packages: ['node:', 'drachtio-srf'],
  },
  'harness/foreign-drachtio': {
    parts: ['harness/now.ts', 'harness/model', 'harness/drachtio', 'harness/errors.ts'],
    types: ['harness/endpoints'],
    packages: ['node:'],
  },
  // What a server is and how it is brought up is the same on every ground: it starts nothing itself.
  'harness/servers': {
    parts: ['harness/counted.ts', 'harness/model', 'harness/http.ts', 'harness/errors.ts', 'harness/unknown-word.ts'],
    types: ['harness/setup'],
    packages: ['node:'],
  },
  // The user's own is a program that is asked, and started by whoever has the ground.
  'harness/servers/own': {
    parts: ['harness/counted.ts', 'harness/model', 'harness/processes', 'harness/servers', 'harness/errors.ts'],
    packages: ['node:'],
  },
  'harness/callers': {
    parts: ['harness/now.ts', 'harness/model', 'harness/processes', 'harness/sip', 'harness/errors.ts'],
    packages: ['node:'],
  },
  // Its baresip/ and edge.ts run in containers as well: they import `harness/sip` and `harness/errors.ts` at most.
  'harness/ua': {
    parts: ['harness/model', 'harness/processes', 'harness/sip', 'harness/errors.ts'],
    packages: ['node:'],
  },
  'harness/run': {
    parts: [
      'harness/counted.ts',
      'harness/now.ts',
      'harness/model',
      'harness/plan',
      'harness/endpoints',
      'harness/foreign-drachtio',
      'harness/servers',
      'harness/ua',
      'harness/sip',
      'harness/errors.ts',
    ],
    types: ['harness/callers', 'harness/drachtio', 'harness/processes'],
    packages: ['node:'],
  },
  'harness/judging': {
    parts: [
      'harness/model',
      'harness/plan',
      'harness/oracle',
      'harness/judge',
      'harness/run',
      'harness/results',
      'harness/processes', // it starts the process that judges
      'harness/errors.ts',
      'package.json',
    ],
    types: ['harness/callers'],
    packages: ['node:', 'vitest'],
  },
  'harness/sip-host': {
    parts: [
      'harness/now.ts',
      'harness/drachtio',
      'harness/foreign-drachtio',
      'harness/sip',
      'harness/ua',
      'harness/callers',
      'harness/errors.ts',
    ],
    packages: ['node:'],
  },
  'harness/runtime/process': {
    parts: [
      'harness/model',
      'harness/processes',
      'harness/setup',
      'harness/servers',
      'harness/servers/own',
      'harness/callers',
      'harness/drachtio',
      'harness/foreign-drachtio',
      'harness/ua',
      'harness/run',
      'harness/errors.ts',
    ],
    types: ['harness/endpoints', 'harness/sip'],
    packages: ['node:'],
  },
  'harness/runtime/docker': {
    parts: [
      'harness/model',
      'harness/processes',
      'harness/setup',
      'harness/servers',
      'harness/servers/own',
      'harness/callers',
      'harness/sip-host',
      'harness/foreign-drachtio',
      'harness/ua',
      'harness/run',
      'harness/errors.ts',
      'harness/place.ts',
    ],
    types: ['harness/endpoints', 'harness/sip'],
    packages: ['node:', 'testcontainers', 'tar-fs'],
    typePackages: ['dockerode'],
  },
  'harness/results': {
    parts: ['harness/counted.ts', 'harness/model', 'harness/complaint.ts', 'harness/errors.ts'],
    packages: ['node:', 'valibot'],
  },
  // Ladder and evidence run in browsers as well.
  'harness/ladder': { parts: ['harness/model'] },
  'harness/evidence': { parts: ['harness/model', 'harness/ladder'], packages: ['diff', 'fflate'] },
  'harness/report': {
    parts: [
      'harness/counted.ts',
      'harness/model',
      'harness/results',
      'harness/ladder',
      'harness/evidence',
      'harness/report/html/page-data.ts',
      'harness/errors.ts',
    ],
    packages: ['node:', 'rolldown', '@allurereport/core', '@allurereport/plugin-awesome', 'allure-js-commons'],
  },
  'harness/report/html/page-data.ts': { parts: ['harness/model'], types: ['harness/ladder'] },
  // What is told, a browser reads.
  'harness/watch/told.ts': { parts: ['harness/model'], types: ['harness/ladder'] },
  'harness/watch': {
    parts: ['harness/model', 'harness/ladder', 'harness/report', 'harness/sip', 'harness/watch/told.ts'],
    types: ['harness/plan', 'harness/run'],
    packages: ['node:'],
  },
  'harness/compare': {
    parts: [
      'harness/counted.ts',
      'harness/model',
      'harness/results',
      'harness/ladder',
      'harness/evidence',
      'harness/report',
      'harness/errors.ts',
    ],
    packages: ['node:'],
  },
};

/** What stands on top of the engine, with the project's own situations. */
const ON_TOP: Readonly<Record<string, Rule>> = {
  'harness/sabotage': {
    parts: [
      'scenarios',
      'harness/model',
      'harness/plan',
      'harness/oracle',
      'harness/judge',
      'harness/ladder',
      'harness/callers',
      'harness/processes',
      'harness/runtime/process',
      'harness/run',
      'harness/results',
      'harness/report',
      'harness/sip',
      'harness/errors.ts',
    ],
    packages: ['node:'],
  },
};

const AROUND: Readonly<Record<string, Rule>> = {
  // What other programs may use: names from all over the engine.
  'harness/index.ts': {
    parts: [
      'scenarios',
      'harness/pipeline.ts',
      'harness/report/renderers.ts',
      ...Object.keys(ENGINE).filter((part) => part.startsWith('harness/')),
    ],
  },
  // For tests of SIP applications, with the vitest of whoever has installed us: of ours it takes types.
  'harness/vitest': {
    parts: ['harness/drachtio', 'harness/endpoints', 'harness/ladder', 'harness/sip', 'harness/errors.ts'],
    packages: ['node:', 'drachtio-srf'],
    typePackages: ['vitest'],
  },
  // The way of a call: what the command line calls, and other programs may.
  'harness/pipeline.ts': {
    parts: [
      'harness/model',
      'harness/plan',
      'harness/servers',
      'harness/run',
      'harness/judge',
      'harness/judging',
      'harness/results',
      'harness/report',
    ],
    packages: ['node:'],
  },
  // The same of several servers, one after the other.
  'harness/servers-in-turn.ts': {
    parts: [
      'harness/pipeline.ts',
      'harness/model',
      'harness/judge',
      'harness/judging',
      'harness/results',
      'harness/report',
      'harness/errors.ts',
    ],
    packages: ['node:'],
  },
  // The list of all reports, wherever they are made.
  'harness/report/renderers.ts': {
    parts: ['harness/report', 'harness/interop', 'harness/results'],
    packages: ['node:'],
  },
  // What Allure gets of each cell, in a process of its own; cells.interop.ts alone runs inside vitest.
  'harness/interop': {
    parts: [
      'harness/model',
      'harness/ladder',
      'harness/evidence',
      'harness/report',
      'harness/processes',
      'harness/errors.ts',
    ],
    types: ['harness/results'],
    packages: ['node:', 'vitest', 'allure-vitest', 'allure-js-commons'],
  },
  'harness/cli': { parts: 'any', packages: ['node:'], typePackages: ['vitest'] },
};

/** What only browsers run. Nobody imports it: the report bundles it. */
const BROWSER: Readonly<Record<string, Rule>> = {
  'harness/report/html/client': {
    parts: [
      'harness/counted.ts',
      'harness/model',
      'harness/ladder',
      'harness/evidence',
      'harness/report/html/page-data.ts',
    ],
    types: ['harness/watch/told.ts'],
  },
};

const RULES: Readonly<Record<string, Rule>> = { ...ENGINE, ...ON_TOP, ...AROUND, ...BROWSER };

interface Import {
  readonly file: string;
  readonly specifier: string;
  readonly typeOnly: boolean;
}

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/**
 * Static imports, re-exports, side-effect imports, `import()` of a literal and the type `import('x').Y`, as this
 * project's formatter lays them out.
 */
function importsOf(file: string, source: string): Import[] {
  const statements = source.matchAll(/^(?:import|export)\s+(type\s)?([^'";]*?)\bfrom\s+'([^']+)'/gm);
  const effects = source.matchAll(/^import\s+'([^']+)'|(typeof )?\bimport\('([^']+)'\)(\.[A-Z])?/gm);
  return [
    ...[...statements].map(([, type, names = '', specifier = '']): Import => {
      const eachIsType = /^\{(\s*type\s[^,}]+,?)+\s*\}\s*$/.test(names);
      return { file, specifier, typeOnly: type !== undefined || eachIsType };
    }),
    ...[...effects].map(([, effect, typeQuery, dynamic, typeName]): Import => {
      return { file, specifier: effect ?? dynamic ?? '', typeOnly: (typeQuery ?? typeName) !== undefined };
    }),
  ];
}

/**
 * `harness/run/lab.ts` is of the part `harness/run`, `harness/errors.ts` a part of its own, `scenarios/x/y.ts` of `scenarios`.
 * A part may lie within another: the deepest counts.
 */
function partOf(file: string): string {
  const folders = file.split('/');
  const paths = folders.map((_, index) => folders.slice(0, index + 1).join('/'));
  const [top = '', second = top] = paths;
  return paths.findLast((path) => path in RULES) ?? (top === 'harness' ? second : top);
}

/** Part or package that is imported. */
function target({ file, specifier }: Import): { part: string } | { package: string } {
  if (specifier.startsWith('.')) {
    return { part: partOf(normalize(join(dirname(file), specifier)).replaceAll(sep, '/')) };
  }
  if (specifier.startsWith('node:')) return { package: 'node:' };
  return { package: specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/') };
}

/** @returns what is wrong with an import, in words; null for an allowed one. */
function forbidden(each: Import): string | null {
  const part = partOf(each.file);
  const rule = RULES[part];
  if (rule === undefined) return `${each.file}: ${part} has no row in the table of test/imports.test.ts`;
  const to = target(each);
  const { parts, types = [], packages = [], typePackages = [] } = rule;
  const allowed =
    'part' in to
      ? to.part === part ||
        (parts === 'any' ? !(to.part in BROWSER) : parts.includes(to.part)) ||
        (each.typeOnly && types.includes(to.part))
      : packages.includes(to.package) || (each.typeOnly && typePackages.includes(to.package));
  if (allowed) return null;
  const rows = [...(parts === 'any' ? ['any part'] : parts), ...packages];
  const typeRows = [...types, ...typePackages].map((row) => `${row} (types only)`);
  return `${each.file} imports ${each.typeOnly ? 'types of ' : ''}'${each.specifier}'; ${part} may import only: ${[...rows, ...typeRows].join(', ') || 'nothing'}`;
}

/** @returns one cycle as the list of its parts; null when there is none. */
function cycle(edges: ReadonlyMap<string, ReadonlySet<string>>): string[] | null {
  const finished = new Set<string>();
  const visit = (part: string, path: readonly string[]): string[] | null => {
    if (path.includes(part)) return [...path.slice(path.indexOf(part)), part];
    if (finished.has(part)) return null;
    for (const next of edges.get(part) ?? []) {
      const found = visit(next, [...path, part]);
      if (found !== null) return found;
    }
    finished.add(part);
    return null;
  };
  for (const part of edges.keys()) {
    const found = visit(part, []);
    if (found !== null) return found;
  }
  return null;
}

const files = globSync(
  ['harness', 'scenarios'].map((folder) => `${folder}/**/*.{ts,mts,cts,js,mjs,cjs,tsx,jsx}`),
  { cwd: ROOT },
).map((file) => file.replaceAll(sep, '/'));
const imports = files.flatMap((file) => importsOf(file, readFileSync(join(ROOT, file), 'utf8')));

describe('imports', () => {
  const parts = [...new Set(files.map(partOf))].toSorted();

  it.for(parts)('%s imports only what the table allows', (part) => {
    expect(imports.filter(({ file }) => partOf(file) === part).flatMap((each) => forbidden(each) ?? [])).toEqual([]);
  });

  it('are all of TypeScript: what is not is checked by nobody', () => {
    expect(files.filter((file) => !file.endsWith('.ts'))).toEqual([]);
  });

  it('form no cycle between parts', () => {
    const edges = new Map<string, Set<string>>();
    for (const each of imports) {
      const from = partOf(each.file);
      const to = target(each);
      if (!('part' in to) || to.part === from) continue;
      edges.set(from, (edges.get(from) ?? new Set()).add(to.part));
    }
    expect(edges.size).toBeGreaterThan(5);
    expect(cycle(edges)).toBeNull();
  });
});

describe('the reading of imports', () => {
  it.for([
    ["import { a } from './a.ts';", './a.ts', false],
    ["import type { A } from './a.ts';", './a.ts', true],
    ["import { type A, type B } from './a.ts';", './a.ts', true],
    ["import { type A, b } from './a.ts';", './a.ts', false],
    ["import {\n  a,\n  type B,\n} from './a.ts';", './a.ts', false],
    ["export { a } from './a.ts';", './a.ts', false],
    ["export type { A } from './a.ts';", './a.ts', true],
    ["import './a.ts';", './a.ts', false],
    ["  const a = await import('./a.ts');", './a.ts', false],
    ["  const a = (await import('./a.ts')).A;", './a.ts', false],
    ["  readonly a: import('./a.ts').A;", './a.ts', true],
    ["  readonly a: typeof import('./a.ts').a;", './a.ts', true],
  ] as const)('%s', ([source, specifier, typeOnly]) => {
    expect(importsOf('harness/x/y.ts', source)).toEqual([{ file: 'harness/x/y.ts', specifier, typeOnly }]);
  });

  it.for([
    ['harness/report/html.ts', '../run/lab.ts', 'harness/report may import only'],
    ['harness/run/lab.ts', 'vitest', "imports 'vitest'"],
    ['harness/cli/run.ts', 'vitest/node', "imports 'vitest/node'"],
    ['scenarios/team-ring.ts', '../harness/model/scenario.ts', 'harness/model (types only)'],
    ['harness/judge/judge.ts', 'node:fs', "imports 'node:fs'"],
    ['harness/new-folder/x.ts', '../errors.ts', 'no row in the table'],
    ['harness/report/html/page.ts', './client/main.ts', 'harness/report may import only'],
    ['harness/cli/report.ts', '../report/html/client/element.ts', 'may import only'],
    ['harness/report/html/client/main.ts', '../names.ts', 'harness/report/html/client may import only'],
    ['harness/report/html/client/main.ts', 'node:fs', "imports 'node:fs'"],
    ['harness/ladder/svg.ts', 'fflate', "imports 'fflate'"],
  ] as const)('%s may not import %s', ([file, specifier, said]) => {
    expect(forbidden({ file, specifier, typeOnly: false })).toContain(said);
  });

  it('finds a cycle and names its parts', () => {
    const edges = new Map([
      ['a', new Set(['b'])],
      ['b', new Set(['c'])],
      ['c', new Set(['b'])],
    ]);
    expect(cycle(edges)).toEqual(['b', 'c', 'b']);
  });
});
