import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/turns/longest-first.ts';

/** Tests that wait for images, for packages, and for the disk that these are on. `./ringfence test` has them beside what computes. */
const DOCKER = [
  'test/runtime/docker/{base-image,build-image,ci-engine,clean-up,engine,images,ringfence-image}.test.ts',
  'test/package/{package,pipelines}.test.ts',
];
/**
 * Tests of whole labs, and of timers: they wait for rings, windows and timers of SIP far more than they compute. They come when
 * images are built: beside those, and pages, phones answer late, and calls are placed again and again.
 */
const LABS = [
  'test/{pipeline,servers-in-turn}.test.ts',
  'test/judging/{cancel-reason,judged-run,several-features}.test.ts',
  'test/report/judged-words.test.ts',
  'test/runtime/docker/{faults,other-programs,own-server,parity,servers}.test.ts',
  'test/foreign-drachtio/lab.test.ts',
  'test/drachtio-srf-suite/suite.test.ts',
  'test/live/tutorial.test.ts',
  'test/own-server/{kamailio-stock,odd-servers,whole-kamailio}.test.ts',
  'test/false-green/*.test.ts',
  'test/servers/{asterisk,challenged-callers,ejabberd,inner-voicemail,kamailio-stock,lent-accounts,plugged-in}.test.ts',
  'test/callers/{application,applications,b2bua,plugged-in}.test.ts',
  'test/{drachtio/session-timer,run/canary,vitest/matchers}.test.ts',
  'test/sabotage/{lost-datagram,run,whole}.test.ts',
  'test/ua/{baresip,linphone,ua-run}.test.ts',
  'test/watch/lab.test.ts',
];
/** Labs of whole commands: each test starts one, which computes as much as it waits. */
const COMMANDS = [
  'test/cli/{hang-up,header-option,run,shard}.test.ts',
  'test/foreign-drachtio/cli.test.ts',
  'test/live/{inner-voicemail,live-server,live-transports}.test.ts',
  'test/{own-server,callers}/tutorial.test.ts',
  'test/places/places.test.ts',
  'test/sabotage/command.test.ts',
  'test/servers/{kamailio-tls,two-hops}.test.ts',
  'test/ua/transports.test.ts',
  'test/watch/run.test.ts',
];
/** Tests of pages, which share a browser. */
const PAGES = [
  'test/report/{a11y,allure,cell-page,click-paths,exports,find-cell,front-page,hostile,html,junit,print,scale,unsteady,which-header}.test.ts',
  'test/{compare/earlier,sabotage/page,watch/pages}.test.ts',
];
/** Tests of values: no process, no clock that others could have changed, so several files share a worker. */
const VALUES = [
  'test/*.test.ts',
  'test/{compare,judge,ladder,model,oracle,plan,results,run,sip}/*.test.ts',
  'test/evidence/{checks,raw-text}.test.ts',
  'test/report/{annotations,deviation,matrix,summary}.test.ts',
];

const CORES = availableParallelism();

/** Ends what hangs. A busy machine gives a test a tenth of it, and labs wait for their turn (test/helpers/small-run.ts). */
const HANGS_AFTER_MS = 300_000;

/** One file more than there are cores is under way, and others where the machine has time for them. */
const TURNS = {
  isolate: false,
  maxWorkers: 4 * CORES,
  globalSetup: 'test/turns/global.ts',
  setupFiles: 'test/turns/each-file.ts',
};

// The tests start Node.js hundreds of times, with the same modules.
process.env.NODE_COMPILE_CACHE ??= fileURLToPath(new URL('node_modules/.cache/compile', import.meta.url));

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    expect: { poll: { timeout: 30_000 } },
    testTimeout: HANGS_AFTER_MS,
    hookTimeout: HANGS_AFTER_MS,
    projects: [
      {
        extends: true,
        test: {
          name: 'docker',
          include: DOCKER,
          maxWorkers: CORES,
          // Runs of the whole program beside each other: five at once, whose servers had no core to answer on, were late.
          maxConcurrency: CORES,
          sequence: { groupOrder: 0 },
        },
      },
      {
        extends: true,
        test: {
          name: 'labs',
          include: LABS,
          ...TURNS,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'commands',
          include: COMMANDS,
          // As above: fifteen at once were late.
          maxConcurrency: CORES,
          ...TURNS,
          sequence: { groupOrder: 2 },
        },
      },
      {
        extends: true,
        test: {
          name: 'others',
          include: ['test/**/*.test.ts'],
          exclude: [...DOCKER, ...LABS, ...COMMANDS, ...PAGES, ...VALUES],
          isolate: false,
          maxWorkers: CORES,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'pages',
          include: PAGES,
          isolate: false,
          maxWorkers: CORES,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'values',
          include: VALUES,
          exclude: [...LABS, ...COMMANDS, ...PAGES],
          isolate: false,
          maxWorkers: CORES,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
});
