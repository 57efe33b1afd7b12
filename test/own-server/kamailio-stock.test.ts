/** containers/kamailio-stock/serve, the entry point of an image, as a program: where Kamailio is installed it is one as well. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { programLauncher } from '../../harness/processes/launcher.ts';
import { kamailioStock } from '../../harness/servers/kamailio-stock/kamailio-stock.ts';
import { describeServer, ownServer } from '../../harness/servers/own/own-server.ts';
import { scenarios } from '../../scenarios/index.ts';
import { smallRun } from '../helpers/small-run.ts';
import { scratch } from '../setup/scratch.ts';

const SERVE = fileURLToPath(new URL('../../containers/kamailio-stock/serve', import.meta.url));

it('has what the recipe of the same server has, and the same comes of it', async () => {
  await using place = await scratch();
  const launcher = programLauncher('command:serve', { command: SERVE, args: [] });
  const description = await describeServer(launcher, { logFile: join(place.dir, 'describe.log') });
  expect(description).toMatchObject({
    name: 'kamailio-stock',
    version: expect.stringMatching(/^[56]\./),
    policy: 'plain',
  });
  const server = ownServer({ kind: 'command', description, expect: null });
  const has = scenarios.filter((scenario) => server.lacks(scenario) === null).map(({ id }) => id);
  expect(has).toEqual(scenarios.filter((each) => kamailioStock.lacks(each) === null).map(({ id }) => id));
  const selection = { situations: has, variants: ['none', 'target-class-secondary'], inTime: true } as const;
  const [own, listed] = await Promise.all([
    smallRun({ own: { server, launcher }, ...selection }),
    smallRun({ server: kamailioStock, policies: ['plain'], ...selection }),
  ]);
  const said = ({ results }: typeof own): string[] =>
    results.map(
      ({ situation, variant, verdict, observed }) => `${situation} ${variant} ${verdict} ${observed.outcome}`,
    );
  expect(said(own)).toEqual(said(listed));
  expect(new Set(own.results.map(({ verdict }) => verdict))).toEqual(new Set(['pass']));
});
