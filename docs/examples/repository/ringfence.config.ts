import { defineConfig } from 'ringfence';

// Options of `npx ringfence run` that hold for every run here. What is typed wins.
export default defineConfig({
  scenarios: ['scenarios'],
  server: 'kamailio', // npx ringfence list servers; or sip:HOST:PORT, one that somebody else runs, with its accounts
  caller: 'sipp', // or your own application: command:PATH ARGS
  rate: 1000, // calls begun per second, at most
  reports: 'reports',
});
