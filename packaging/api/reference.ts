/** `node packaging/api/reference.ts`: writes docs/api, what each door of the package exports, as HTML. Ends with 1 where something is not told. */
import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Application, Logger, LogLevel, type ProjectReflection } from 'typedoc';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

class Gaps extends Logger {
  readonly said: string[] = [];

  override log(message: string, level: LogLevel): void {
    if (level >= LogLevel.Warn) this.said.push(message);
  }
}

export interface Reference {
  readonly app: Application;
  readonly project: ProjectReflection;
  /** Exported names without a word about them, parameters that are not there, links that lead nowhere. */
  readonly gaps: readonly string[];
}

interface Door {
  readonly name: string;
  /** From the root. */
  readonly source: string;
}

/** What `exports` of package.json lets in: `ringfence`, `ringfence/drachtio`, ... */
async function doors(): Promise<Door[]> {
  const { name, exports } = JSON.parse(await readFile(join(ROOT, 'package.json'), 'utf8')) as {
    name: string;
    exports: Record<string, string | { readonly types: string }>;
  };
  return Object.entries(exports).flatMap(([path, target]) =>
    typeof target === 'string'
      ? []
      : { name: join(name, path), source: target.types.replace('./dist/', '').replace('.d.ts', '.ts') },
  );
}

export interface ReferenceOptions {
  /** What is read instead of the doors: a file, and a tsconfig.json that includes it. */
  readonly instead?: { readonly source: string; readonly tsconfig: string };
}

/** @throws when TypeDoc cannot read the doors */
export async function reference({ instead }: ReferenceOptions = {}): Promise<Reference> {
  const opened = instead === undefined ? await doors() : [{ name: 'instead', source: instead.source }];
  const app = await Application.bootstrap({
    entryPoints: opened.map(({ source }) => resolve(ROOT, source)),
    tsconfig: instead?.tsconfig ?? join(ROOT, 'packaging/tsconfig.json'),
    basePath: ROOT,
    name: 'Ringfence',
    readme: 'none',
    skipErrorChecking: true, // `tsc` does, in the version that we compile with
    disableSources: true,
    excludeInternal: true,
    requiredToBeDocumented: ['Class', 'Interface', 'TypeAlias', 'Variable', 'Enum', 'Function'],
    validation: { notExported: false, invalidLink: true, rewrittenLink: true, notDocumented: true },
  });
  const gaps = new Gaps();
  app.logger = gaps;
  const project = await app.convert();
  if (project === undefined) throw new Error(`TypeDoc could not read the doors:\n${gaps.said.join('\n')}`);
  for (const module of project.children ?? []) {
    const source = app.files.getReflectionPath?.(module);
    module.name = opened.find((door) => source?.endsWith(door.source))?.name ?? module.name;
  }
  app.validate(project);
  return { app, project, gaps: gaps.said };
}

if (import.meta.main) {
  const { app, project, gaps } = await reference();
  await app.generateDocs(project, join(ROOT, 'docs/api'));
  process.stdout.write(`${gaps.map((gap) => `${gap}\n`).join('')}docs/api/index.html: ${gaps.length} gaps\n`);
  process.exitCode = gaps.length === 0 ? 0 : 1;
}
