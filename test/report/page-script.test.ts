/** The page's script: one classic script, made of modules and kept until one of them changes. */
import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInNewContext, Script } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { bundle } from '../../harness/report/html/bundle.ts';
import { keptOrBundled, PageScriptError, pageScript } from '../../harness/report/html/page-script.ts';
import { type Scratch, scratch } from '../setup/scratch.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

interface Modules extends AsyncDisposable {
  readonly entry: string;
  /** Where bundles are kept. */
  readonly keptIn: string;
  write(name: string, source: string): Promise<void>;
  /** The one file that is there. */
  keptFile(): Promise<string>;
}

/** A script of two modules that adds a word to `said`. */
async function modules(word: string): Promise<Modules> {
  const place: Scratch = await scratch();
  const write = (name: string, source: string): Promise<void> => writeFile(join(place.dir, name), source);
  const keptIn = join(place.dir, 'kept');
  await write('main.ts', "import { word } from './word.ts';\nsaid.push(word as string);\n");
  await write('word.ts', `export const word: string = '${word}';\n`);
  return {
    entry: join(place.dir, 'main.ts'),
    keptIn,
    write,
    keptFile: async () => {
      const [file = '', ...more] = await readdir(keptIn);
      expect(more).toEqual([]);
      return join(keptIn, file);
    },
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}

/** What the script says when it runs, as a browser would run it. */
function saidBy(code: string): string[] {
  const said: string[] = [];
  runInNewContext(code, { said });
  return said;
}

describe("the page's script", () => {
  it('is a classic script that names no place of this machine', async () => {
    const code = await pageScript();
    expect(() => new Script(code)).not.toThrow();
    expect(code).toContain('"use strict";\n');
    expect(code).not.toContain(ROOT);
  });

  it('has the licence of every library in it', async () => {
    const { code, files } = await bundle(join(ROOT, 'harness/report/html/client/main.ts'));
    const libraries = new Set(
      files.flatMap((file) => /node_modules\/(fflate|diff|[^/]+)\/(?!package)/.exec(file)?.[1] ?? []),
    );
    expect([...libraries].toSorted()).toEqual(['diff', 'fflate']);
    for (const library of libraries) {
      const licence = await readFile(join(ROOT, 'node_modules', library, 'LICENSE'), 'utf8');
      expect(code).toContain(`/*! ${library}\n${licence.trim()}\n*/`);
    }
  });
});

describe('a script that is kept', () => {
  it('is not made again', async () => {
    await using made = await modules('first');
    expect(saidBy(await keptOrBundled(made.entry, made.keptIn))).toEqual(['first']);
    const file = await made.keptFile();
    await writeFile(file, (await readFile(file, 'utf8')).replace('first', 'kept'));
    expect(saidBy(await keptOrBundled(made.entry, made.keptIn))).toEqual(['kept']);
  });

  it('is made again when any module of it has changed', async () => {
    await using made = await modules('first');
    await keptOrBundled(made.entry, made.keptIn);
    await made.write('word.ts', "export const word = 'second';\n");
    expect(saidBy(await keptOrBundled(made.entry, made.keptIn))).toEqual(['second']);
    expect(saidBy(await keptOrBundled(made.entry, made.keptIn))).toEqual(['second']);
    await made.keptFile();
  });

  it('is made again where it was cut short, or a module is gone', async () => {
    await using made = await modules('first');
    await keptOrBundled(made.entry, made.keptIn);
    await writeFile(await made.keptFile(), '{"files":[');
    expect(saidBy(await keptOrBundled(made.entry, made.keptIn))).toEqual(['first']);
    await made.write('main.ts', "said.push('alone');\n");
    await rm(made.entry.replace('main.ts', 'word.ts'));
    expect(saidBy(await keptOrBundled(made.entry, made.keptIn))).toEqual(['alone']);
  });

  it('is made each time where nothing can be kept', async () => {
    await using made = await modules('first');
    expect(saidBy(await keptOrBundled(made.entry, undefined))).toEqual(['first']);
    expect(saidBy(await keptOrBundled(made.entry, join(made.entry, 'in a file')))).toEqual(['first']);
  });

  it('cannot end its element', async () => {
    await using made = await modules('</script>');
    const code = await keptOrBundled(made.entry, made.keptIn);
    expect(saidBy(code)).toEqual(['</script>']);
    expect(code).not.toContain('</script');
    await made.write('word.ts', "export const word = '<!--';\n");
    const refused = keptOrBundled(made.entry, made.keptIn);
    await expect(refused).rejects.toThrow(PageScriptError);
    await expect(refused).rejects.toThrow(/has '<!--', which no script in HTML may have; near: .*said\.push/s);
  });
});
