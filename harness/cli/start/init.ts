import { readdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { UsageError } from '../../errors.ts';
import { type Platform, platformOf, repositoryIn } from './repository.ts';
import { CONFIG, header, PIPELINES, scenario } from './templates.ts';
import { addLines, type NewFile, writeNew } from './write-new.ts';

const INIT_HELP = `Usage: ./ringfence init [--ci github|gitlab|none]

Writes a start into the folder that has your package.json: ringfence.config.ts, a scenario and a header in scenarios/, a
pipeline for the platform that it finds, and lines of .gitignore. What is there is kept as it is.

  --ci PLATFORM  the pipeline to write  [by .github/ or .gitlab-ci.yml, else by where git pushes to]

Exit status: 0 written or kept; 2 usage error.
`;

/** `./ringfence init`. @throws {UsageError} */
export async function initCommand(args: string[], folder: string = process.cwd()): Promise<number> {
  const { values } = parseArgs({ args, options: { help: { type: 'boolean', short: 'h' }, ci: { type: 'string' } } });
  if (values.help === true) {
    process.stdout.write(INIT_HELP);
    return 0;
  }
  const platform = values.ci === undefined ? await platformOf(folder) : platformNamed(values.ci);
  const pipeline = platform === null ? null : await pipelineFor(platform, folder);
  const { extension, hasConfig, scenarios } = await repositoryIn(folder);
  const files: NewFile[] = [
    ...(hasConfig ? [] : [{ path: `ringfence.config.${extension}`, text: CONFIG }]),
    { path: `${scenarios}/busy-then-forward.${extension}`, text: scenario('busy-then-forward') },
    { path: `${scenarios}/x-ring-only.${extension}`, text: header('x-ring-only') },
    ...(pipeline === null ? [] : [pipeline]),
  ];
  const said = [
    ...(hasConfig ? ['kept  your configuration, which is there'] : []),
    ...(await writeNew(folder, files)),
    (await addLines(folder, '.gitignore', ['node_modules/', 'reports/'])) ?? 'kept  .gitignore, which has all it needs',
    ...(pipeline === null ? ['no pipeline: --ci github or --ci gitlab writes one'] : []),
    ...(pipeline?.path === BESIDE ? [`add to .gitlab-ci.yml: include: ${BESIDE}`] : []),
  ];
  const next = 'npx ringfence run --situation busy-then-forward --variant x-ring-only';
  process.stdout.write(`${said.join('\n')}\n\nNext: ${next}\n`);
  return 0;
}

/** GitLab has one file for all pipelines. Where there is one, ours is a file that it can include. */
const BESIDE = '.gitlab/ringfence.yml';

async function pipelineFor(platform: Platform, folder: string): Promise<NewFile> {
  const pipeline = PIPELINES[platform];
  const isTaken = platform === 'gitlab' && (await readdir(folder)).includes(pipeline.path);
  return isTaken ? { ...pipeline, path: BESIDE } : pipeline;
}

function platformNamed(word: string): Platform | null {
  if (word === 'none') return null;
  if (word === 'github' || word === 'gitlab') return word;
  throw new UsageError(`--ci takes github, gitlab or none, not "${word}"`);
}
