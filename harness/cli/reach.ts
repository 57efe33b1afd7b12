/**
 * Which files of a project reach which others. A test reaches what it imports, but also the program that it starts, the
 * page that it opens and the document that it reads, and those reach further: imports alone end where a process begins.
 * So any text that names a file or folder of the project, from where it stands or from the root, counts as a way to it.
 */
import { dirname, matchesGlob, posix } from 'node:path';

/** From the root, with slashes. */
export type Path = string;

const CODE = /\.[cm]?[jt]s$/;
/** A remark names files for a reader. */
const REMARKS = /(?<=^|\s)(?:\/\*[\s\S]*?\*\/|\/\/ .*$)/gm;
/** Where a name goes on from is not told: `${folder}/x.ts`, `$folder/x.ts`. */
const VARIABLES = /\$(?:\{[^}]*\}|\w+)/g;
const NAMES = /[\w@*{},-]*[./][\w.@*{},/-]*/g;
/** In code, a word in quotes too: `join(root, 'containers')`. */
const WORDS = /(?<=['"`])[\w-]+(?=['"`])/g;
/** Runs write there: who names this folder does not read what lies in it, and whoever reads the sample names that. */
const WRITTEN_TO = 'reports';
/** It starts the program, whose own files only speak of it: to people, or as the name of the package. */
const STARTER = 'ringfence';
const PROGRAM = /^harness\//;
/** The root, or a folder above. */
const NO_NAME = /^[./*]*$/;

/**
 * @param textOf every file that may name another, with its text
 * @param files all files of the project, and those that are gone
 * @returns for each file of `textOf` the files that it names; a folder or a pattern stands for all of its files
 */
export function namedBy(textOf: ReadonlyMap<Path, string>, files: readonly Path[]): Map<Path, Set<Path>> {
  const all = new Set(files);
  const below = filesBelow(files);
  const found = (path: Path): readonly Path[] => {
    if (all.has(path)) return [path];
    return below.get(path) ?? (path.includes('*') ? files.filter((file) => matchesGlob(file, path)) : []);
  };
  return new Map(
    [...textOf].map(([file, text]) => {
      const code = (CODE.test(file) ? text.replace(REMARKS, '') : text).replace(VARIABLES, ' ');
      const names = [...(code.match(NAMES) ?? []), ...((CODE.test(file) && code.match(WORDS)) || [])];
      const paths = names
        .filter((name) => !NO_NAME.test(name))
        .flatMap((name) => [posix.join(dirname(file), name), posix.join('.', name.replace(/^\/+/, ''))])
        .map((path) => path.replace(/\/$/, ''));
      // Somebody who names the folder that he stands in goes on from there, and names the rest elsewhere.
      const others = [...new Set(paths)].filter(
        (path) => !`${file}/`.startsWith(`${path}/`) && !(path === STARTER && PROGRAM.test(file)),
      );
      return [file, new Set(others.flatMap(found))];
    }),
  );
}

function filesBelow(files: readonly Path[]): Map<Path, Path[]> {
  const below = new Map<Path, Path[]>();
  for (const file of files) {
    for (let folder = dirname(file); folder !== '.' && folder !== WRITTEN_TO; folder = dirname(folder)) {
      const inside = below.get(folder);
      if (inside === undefined) below.set(folder, [file]);
      else inside.push(file);
    }
  }
  return below;
}

/** Every file that reaches one, and the next file on a shortest way there. */
export function reaching(goal: Path, named: ReadonlyMap<Path, ReadonlySet<Path>>): Map<Path, Path> {
  const next = new Map<Path, Path>();
  for (let edge = [goal]; edge.length > 0; ) {
    const further: Path[] = [];
    for (const [file, names] of named) {
      if (file === goal || next.has(file)) continue;
      const via = edge.find((each) => names.has(each));
      if (via === undefined) continue;
      next.set(file, via);
      further.push(file);
    }
    edge = further;
  }
  return next;
}
