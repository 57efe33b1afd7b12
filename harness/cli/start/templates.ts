/** What `init` and `new` write. The tests of the package run it. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PACKAGE_ROOT } from '../../place.ts';

export const CONFIG = `import { defineConfig } from 'ringfence';

// Options of \`npx ringfence run\` that hold for every run here. What is typed wins.
export default defineConfig({
  scenarios: ['scenarios'],
  server: 'kamailio', // npx ringfence list servers; or sip:HOST:PORT, one that somebody else runs, with its accounts
  caller: 'sipp', // or your own application: command:PATH ARGS
  rate: 1000, // calls begun per second, at most
  reports: 'reports',
});
`;

export function scenario(id: string): string {
  return `import { defineScenario } from 'ringfence';

export default defineScenario({
  id: '${id}',
  title: 'Busy: the call goes to the forward target',
  feature: 'forwarding',
  // The callee's account.
  subscriber: {
    flags: ['enablecf'],
    lists: ['forwardto'],
    waits: { totalMs: 600, userMs: 200, team2Ms: 600 },
    voicemail: true,
    doNotDisturb: false,
  },
  callee: 'busy', // what the callee's phone does
  caller: 'patient', // what the caller does
  trap: 'forward-target', // who is reached when the feature takes the call
  kind: 'diversion',
  // What else must be so. A cell whose assertion throws has failed.
  assert: (seen, expect) => {
    expect(seen.legs.filter(({ role }) => role === 'phone')).toHaveLength(1);
  },
});
`;
}

export function header(id: string): string {
  const name = id.replace(/(?<=^|-)[a-z]/g, (letter) => letter.toUpperCase());
  return `import { defineHeaders } from 'ringfence';

// Rows of the matrix: header fields that a caller adds to its INVITE.
export const variants = defineHeaders([
  // A decoy is one of which no source says that it does anything; npx ringfence list claims has the sources.
  { id: '${id}', title: '${name}: yes', kind: 'decoy', claims: [], headers: ['${name}: yes'] },
]);
`;
}

export function accounts(id: string): string {
  const secret = `${id.toUpperCase().replaceAll('-', '_')}_SECRET`;
  return `# yaml-language-server: $schema=../node_modules/ringfence/dist/reports/schema/accounts.schema.json
# The accounts of ${id} that are lent to the tests. A secret is the name of an environment variable.
domain: example.org
waits: { totalMs: 20000, userMs: 0, team2Ms: 0 } # unanswered calls go on after 20 s
caller: { user: agnes, secret: ${secret} }
voicemail: { address: "127.0.0.1:5070" } # there the server sends them, and our voice mail listens
sets:
  - callee: { user: bob, secret: ${secret} }
  - for: canary # its unanswered calls show that voice mail is alive
    callee: { user: carol, secret: ${secret} }
  - for: canary # the callee's own phone
    callee: { user: carl, secret: ${secret} }
`;
}

/** The application of docs/examples, on the server that the package has. */
export async function caller(id: string): Promise<string> {
  const example = await readFile(join(PACKAGE_ROOT, 'docs/examples/dialler.ts'), 'utf8');
  return example
    .replace(/'[./]+harness\/index\.ts'/, "'ringfence/drachtio'")
    .replace("name: 'dialler'", `name: '${id}'`)
    .replace(
      ' docs/callers.md tells how it is tested.',
      ` It is tested by: npx ringfence run --caller command:callers/${id}.EXT`,
    );
}

export const PIPELINES = {
  github: {
    path: '.github/workflows/ringfence.yml',
    text: `name: ringfence

on:
  push:
  pull_request:

permissions:
  contents: read

jobs:
  calls:
    runs-on: ubuntu-24.04
    timeout-minutes: 30
    steps:
      - uses: actions/checkout@v7
      - uses: actions/setup-node@v7
        with:
          node-version: 24
          cache: npm
      - run: npm ci
      - run: npx ringfence run --report out
      - uses: actions/upload-artifact@v7
        if: always() # a failed run is the one that somebody wants to look at
        with:
          name: ringfence
          path: out
`,
  },
  gitlab: {
    path: '.gitlab-ci.yml',
    text: `calls:
  image: node:24-bookworm
  timeout: 30 minutes
  script:
    - npm ci
    - npx ringfence run --report out
  artifacts:
    when: always # a failed run is the one that somebody wants to look at
    paths: [out]
    reports:
      junit: out/junit.xml
`,
  },
} as const;
