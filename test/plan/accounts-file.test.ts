import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toJsonSchema } from '@valibot/to-json-schema';
import { describe, expect, it } from 'vitest';
import { UsageError } from '../../harness/errors.ts';
import { type FileAccounts, readAccounts } from '../../harness/plan/accounts-file.ts';
import { accountsFile } from '../../harness/plan/accounts-schema.ts';

const SCHEMA = fileURLToPath(new URL('../../reports/schema/accounts.schema.json', import.meta.url));
const PASSWORDS = { BOB: 'b', DORA: 'd', TEAM: 't', AGNES: 'a', VM: 'v' };

const WHOLE = `domain: example.org
waits: { totalMs: 20000, userMs: 0, team2Ms: 0 }
caller: { user: agnes, domain: other.org, secret: AGNES }
voicemail: { account: { user: vm, secret: VM }, missedCalls: true }
sets:
  - callee: { user: bob, secret: BOB }
  - for: canary
    policy: ms-sipre
    callee: { user: dora, secret: DORA }
    flags: [team_ring]
    lists:
      team: { user: +442079460123, domain: team.example.org, secret: TEAM }
    waits: { totalMs: 20000, userMs: 5000, team2Ms: 15000 }
    voicemail: false
    doNotDisturb: true
`;

async function read(text: string, environment: NodeJS.ProcessEnv = PASSWORDS): Promise<FileAccounts> {
  const dir = await mkdtemp(join(tmpdir(), 'ringfence-test-'));
  try {
    const file = join(dir, 'accounts.yaml');
    await writeFile(file, text);
    return await readAccounts(file, environment);
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}

/** Behind the file's name. */
async function complaint(text: string, environment?: NodeJS.ProcessEnv): Promise<string> {
  const error = await read(text, environment).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(UsageError);
  return (error as UsageError).message.replace(/^.*accounts\.yaml:/, '');
}

describe('reports/schema/accounts.schema.json', () => {
  it('says what harness/plan/accounts-schema.ts says; `vitest run FILE -u` writes it', async () => {
    const { $schema, title, ...rest } = toJsonSchema(accountsFile, {
      target: 'draft-2020-12',
      // JSON Schema has no words for these; the reader refuses what they refuse.
      ignoreActions: ['check_items'],
    });
    await expect(`${JSON.stringify({ $schema, title, ...rest }, null, 2)}\n`).toMatchFileSnapshot(SCHEMA);
  });
});

describe('an accounts file', () => {
  it('says who is there; what it leaves out is filled in', async () => {
    expect(await read(WHOLE)).toEqual({
      tls: { ca: null, name: null, own: null },
      caller: { user: 'agnes', domain: 'other.org', password: 'a' },
      voicemail: { at: { user: 'vm', domain: 'example.org', password: 'v' }, missedCalls: true, dialled: false },
      innerVoicemail: null,
      sets: [
        {
          for: 'call',
          policy: null,
          callee: { user: 'bob', domain: 'example.org', password: 'b' },
          members: {},
          waits: { totalMs: 20_000, userMs: 0, team2Ms: 0 },
          settings: { flags: [], lists: [], voicemail: true, doNotDisturb: false },
        },
        {
          for: 'canary',
          policy: 'ms-sipre',
          callee: { user: 'dora', domain: 'example.org', password: 'd' },
          members: { team: { user: '+442079460123', domain: 'team.example.org', password: 't' } },
          waits: { totalMs: 20_000, userMs: 5000, team2Ms: 15_000 },
          settings: { flags: ['team_ring'], lists: ['team'], voicemail: false, doNotDisturb: true },
        },
      ],
    });
  });

  it('may have its voice mail at an address, and a caller who is never asked', async () => {
    const text = WHOLE.replace(/caller:.*/, 'caller: { user: agnes }').replace(
      /voicemail: \{ acc.*/,
      'voicemail: { address: "127.0.0.1:5070" }',
    );
    expect(await read(text)).toMatchObject({
      caller: { user: 'agnes', domain: 'example.org', password: null },
      voicemail: { at: { host: '127.0.0.1', port: 5070 }, missedCalls: false },
    });
    expect(await read(WHOLE.replace(/voicemail: \{ acc.*\n/, ''))).toMatchObject({
      voicemail: null,
      innerVoicemail: null,
    });
  });

  it('may say that voice mail is inside of the server, and what shows that it took a call', async () => {
    const inside = (word: string) => read(WHOLE.replace(/voicemail: \{ acc.*/, `voicemail: { ${word} }`));
    expect(await inside('inside: {}')).toMatchObject({
      voicemail: null,
      innerVoicemail: {
        evidence: ['message-waiting', 'fingerprint'],
        talkMs: 10_000,
        countedWithinMs: 10_000,
        dialled: false,
      },
    });
    const word = 'inside: { shownBy: [fingerprint], talkMs: 4000, countedWithinMs: 0 }, dialled: true';
    expect(await inside(word)).toMatchObject({
      innerVoicemail: { evidence: ['fingerprint'], talkMs: 4000, countedWithinMs: 0, dialled: true },
    });
  });

  it.for<[string, RegExp, string, string]>([
    [
      'a misspelt key',
      /user: bob/,
      'usr: bob',
      '6: sets[0].callee.usr: found another key; allowed: no such key, but an object with user',
    ],
    ['a missing one', /caller:.*\n/, '', '1: caller: found nothing; allowed: an object with domain, waits'],
    ['a word that is none', /team_ring/, 'team', "10: sets[1].flags[0]: found 'team'; allowed: block, "],
    [
      'a wait that is none',
      /userMs: 5000/,
      'userMs: 5 s',
      "13: sets[1].waits.userMs: found '5 s'; allowed: a whole number of milliseconds",
    ],
    [
      'a flag without its list',
      /team: \{.*/,
      'delegates: { user: eve, secret: TEAM }',
      '10: sets[1].flags: found team_ring without an account for it; allowed: with lists.team',
    ],
    [
      'one user twice',
      /user: dora/,
      'user: Bob',
      '9: sets[1].callee.user: found Bob, whom sets[0].callee is as well; allowed: each user once',
    ],
    [
      'the caller among the called',
      /user: agnes/,
      'user: bob',
      '6: sets[0].callee.user: found bob, whom caller is as well',
    ],
    [
      'a voice mail in two places',
      /missedCalls: true/,
      'address: "127.0.0.1:1"',
      '4: voicemail: found several of address, account and inside',
    ],
    [
      'a voice mail nowhere',
      /voicemail: \{ acc.*/,
      'voicemail: { dialled: true }',
      '4: voicemail: found none of address',
    ],
    [
      'a voice mail inside that nothing shows',
      /voicemail: \{ acc.*/,
      'voicemail: { inside: { shownBy: [] } }',
      '4: voicemail.inside.shownBy: found ',
    ],
    ['what is no YAML', /sets:/, 'sets: [', '7: is not YAML: '],
  ])('with %s is refused, with the line', async ([, from, to, said]) => {
    expect(await complaint(WHOLE.replace(from, to))).toMatch(new RegExp(`^${RegExp.escape(said)}`));
  });

  it('names every variable that is not set', async () => {
    expect(await complaint(WHOLE, { BOB: 'b', AGNES: 'a', DORA: '' })).toBe(
      '4: not set in the environment: VM, DORA, TEAM; export the password of each account',
    );
  });

  it.for([
    ['hunter2', /secret: BOB/, 'secret: hunter2'],
    ['hunter2', /secret: BOB/, 'password: hunter2'],
    ['hunter2', /secret: BOB/, 'secret: [hunter2]'],
  ] as const)('never shows what may be a password: %s', async ([password, from, to]) => {
    expect(await complaint(WHOLE.replace(from, to))).not.toContain(password);
  });
});
