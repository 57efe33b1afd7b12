import { describe, expect, it } from 'vitest';
import { LabError } from '../../harness/errors.ts';
import { readDescription } from '../../harness/processes/description.ts';
import {
  accountLine,
  authorityFile,
  MAX_ACCOUNTS_BYTES,
  playEnvironment,
  shares,
  type UaAccount,
  type UaDescription,
  uaDescription,
} from '../../harness/ua/contract.ts';

const account = (user: string): UaAccount => ({
  user,
  domain: 'lab.test',
  password: 'secret',
  play: 'answer',
  answerAfterMs: 150,
});
const read = (line: string): UaDescription =>
  readDescription(line, { launcher: { id: 'command:./x' }, page: 'docs/user-agents.md', read: uaDescription });
const described = { name: 'x', version: '1', behaviours: ['ring'], maxAccounts: 3 };

describe('what a user agent is told', () => {
  it('is in its environment', () => {
    const registrar = { host: '127.9.9.9', port: 5070 };
    const told = { registrar, local: '127.9.9.10', accounts: [account('alice'), account('bob')] };
    expect(playEnvironment({ ...told, transport: 'udp' })).toEqual({
      RINGFENCE_ACTION: 'play',
      RINGFENCE_REGISTRAR: '127.9.9.9:5070',
      RINGFENCE_LOCAL: '127.9.9.10',
      RINGFENCE_TRANSPORT: 'udp',
      RINGFENCE_ACCOUNTS: 'alice lab.test secret answer 150\nbob lab.test secret answer 150',
    });
    expect(playEnvironment({ ...told, transport: 'tls' })).toMatchObject({ RINGFENCE_TRANSPORT: 'tls' });
    expect(authorityFile('PEM')).toMatchObject({ variable: 'RINGFENCE_CA', text: 'PEM' });
  });

  it('is shared out by what an instance can have', () => {
    const accounts = Array.from({ length: 7 }, (_, index) => account(`alice-${index}`));
    expect(shares(accounts, 3).map((group) => group.length)).toEqual([3, 3, 1]);
    expect(shares(accounts, 3).flat()).toEqual(accounts);
    expect(shares([], 3)).toEqual([]);
  });

  it('never exceeds what an environment variable can hold, whatever an instance claims', () => {
    const accounts = Array.from({ length: 10_000 }, (_, index) => account(`alice-${index}`));
    const groups = shares(accounts, 1_000_000);
    expect(groups.flat()).toEqual(accounts);
    const sizes = groups.map((group) => Buffer.byteLength(group.map(accountLine).join('\n')));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_ACCOUNTS_BYTES);
    expect(groups.length).toBe(Math.ceil(sizes.reduce((sum, size) => sum + size, 0) / MAX_ACCOUNTS_BYTES));
  });
});

describe('what a user agent says of itself', () => {
  it('is read', () => {
    expect(read(JSON.stringify(described))).toEqual({
      name: 'x',
      version: '1',
      plays: new Set(['ring']),
      maxAccounts: 3,
      callLog: false,
      transports: new Set(['udp']),
    });
    expect(read(JSON.stringify({ ...described, maxAccounts: undefined })).maxAccounts).toBe(1);
  });

  it.for([
    ['{"name"', /is no JSON/],
    [JSON.stringify({ ...described, name: '' }), /needs "name"/],
    [JSON.stringify({ ...described, version: 3 }), /needs "version"/],
    [JSON.stringify({ ...described, version: '\u001b[2J' }), /needs "version"/],
    [JSON.stringify({ ...described, behaviours: [] }), /needs "behaviours", a list of ring, answer, busy/],
    [JSON.stringify({ ...described, behaviours: ['ring', 'sing'] }), /needs "behaviours"/],
    [JSON.stringify({ ...described, behaviours: 'ring' }), /needs "behaviours"/],
    [JSON.stringify({ ...described, transports: ['udp', 'quic'] }), /needs "transports", a list of udp, tcp, tls/],
    [JSON.stringify({ ...described, maxAccounts: 0 }), /needs "maxAccounts"/],
    [JSON.stringify({ ...described, maxAccounts: 1.5 }), /needs "maxAccounts"/],
  ] as const)('is refused: %s', ([line, why]) => {
    expect(() => read(line)).toThrow(LabError);
    expect(() => read(line)).toThrow(why);
    expect(() => read(line)).toThrow(/^command:\.\/x: /);
  });
});
