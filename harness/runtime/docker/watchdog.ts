/**
 * `node watchdog.ts RUN`: waits for its standard input to end, which is the end of the process that started it, and removes
 * what that run has left in the Docker engine. A program of its own, because nothing of ours runs after `kill -9`.
 */
import { sweepRun } from './clean-up.ts';
import { findEngine } from './engine.ts';

const [run = ''] = process.argv.slice(2);
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => {}); // Ctrl-C is for the owner
const engine = findEngine();
engine.catch(() => {}); // told below, when it is needed
process.stdin.resume().on('end', () => {
  void engine.then(({ docker }) => sweepRun(docker, run)).finally(() => process.exit(0));
});
