import { readdir } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { UsageError } from '../../errors.ts';
import { type Platform, platformOf, repositoryIn } from './repository.ts';
import { config, header, PIPELINES, pipeline, scenario } from './templates.ts';
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
  const pipelineFile = platform === null ? null : await pipelineFor(platform, folder);
  const { extension, hasConfig, scenarios } = await repositoryIn(folder);
  const files: NewFile[] = [
    ...(hasConfig ? [] : [{ path: `ringfence.config.${extension}`, text: await config() }]),
    { path: `${scenarios}/busy-then-forward.${extension}`, text: await scenario('busy-then-forward') },
    { path: `${scenarios}/x-ring-only.${extension}`, text: await header('x-ring-only') },
    ...(pipelineFile === null ? [] : [pipelineFile]),
  ];
  const said = [
    ...(hasConfig ? ['kept  your configuration, which is there'] : []),
    ...(await writeNew(folder, files)),
    (await addLines(folder, '.gitignore', ['node_modules/', 'reports/'])) ?? 'kept  .gitignore, which has all it needs',
    ...(pipelineFile === null ? ['no pipeline: --ci github or --ci gitlab writes one'] : []),
    ...(pipelineFile?.path === BESIDE ? [`add to .gitlab-ci.yml: include: ${BESIDE}`] : []),
  ];
  const next = 'npx ringfence run --situation busy-then-forward --variant x-ring-only';
  process.stdout.write(`${said.join('\n')}\n\nNext: ${next}\n`);
  return 0;
}

/** GitLab has one file for all pipelines. Where there is one, ours is a file that it can include. */
const BESIDE = '.gitlab/ringfence.yml';

async function pipelineFor(platform: Platform, folder: string): Promise<NewFile> {
  const usual = PIPELINES[platform];
  const isTaken = platform === 'gitlab' && (await readdir(folder)).includes(usual);
  return { path: isTaken ? BESIDE : usual, text: await pipeline(platform) };
}

function platformNamed(word: string): Platform | null {
  if (word === 'none') return null;
  if (word === 'github' || word === 'gitlab') return word;
  throw new UsageError(`--ci takes github, gitlab or none, not "${word}"`);
}
