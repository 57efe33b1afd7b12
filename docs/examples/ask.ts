/** Asks one question of Kamailio, in a program: `node ask.ts FOLDER`. */
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import {
  claims,
  ensureTools,
  pipeline,
  planned,
  processSite,
  renderers,
  SERVERS,
  scenarios,
  startServerProcess,
  variants,
} from 'ringfence';

const [reportDir = 'report'] = process.argv.slice(2);
await mkdir(join(reportDir, 'lab'), { recursive: true });

const server = SERVERS.find(({ id }) => id === 'kamailio');
if (server === undefined) throw new Error('this Ringfence has no Kamailio');
const { sipp, kamailio } = await ensureTools({ need: ['sipp', 'kamailio'], say: console.error });

// Scenarios x header variants x policies -> cells, each with its control.
const question = planned({
  server,
  scenarios,
  variants,
  claims,
  transport: 'udp',
  selection: { policies: ['ms-sipre'], situations: ['voicemail-busy'], variants: ['x-no-voicemail'], filters: [] },
});

// A lab, all calls, the judge, results.json with its traces, and the reports that are wanted.
const { results, trouble } = await pipeline({
  planned: question,
  openRuntime: async (workDir) => ({
    id: 'process',
    openSite: processSite({
      startServer: (site) => startServerProcess(server, { ...site, bin: kamailio.path }),
      sipp,
      workDir,
    }),
    [Symbol.asyncDispose]: async () => {},
  }),
  name: { id: 'one-question', token: 'ask1' },
  reportDir,
  renderers: renderers({ allure: false, historyFile: null, singleFile: true }),
  rate: 100,
  concurrency: 100,
  repeat: 1,
  rerunOptions: '',
  asserted: new Map(),
});

if (trouble !== null) console.error(trouble);
for (const { id, verdict, why } of results.cells) console.log(`${verdict} ${id} ${why ?? ''}`.trimEnd());
