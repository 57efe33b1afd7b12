import { describe, expect, it } from 'vitest';
import { readServerFrame, recordOf } from '../../harness/foreign-drachtio/control-frames.ts';

const SIP = { host: '127.0.0.1', port: 5070 };
/** 2027-01-15 08:00:00.500 UTC. */
const NOW = 1_800_000_000_500;
const INVITE = 'INVITE sip:a@127.0.0.1:5070 SIP/2.0\r\n\r\n';
const OK = 'SIP/2.0 200 OK\r\n\r\n';

/** Dated by a clock that is ours. */
const record = (leader: string, message: string) =>
  recordOf(readServerFrame(Buffer.from(message === '' ? leader : `${leader}\r\n${message}`, 'latin1')), SIP, (time) =>
    time === '08:00:00.4' || time === '08:00:00.400000' ? NOW - 100 : NOW,
  );

describe('the record of a tapped server', () => {
  it('has what the server received', () => {
    expect(record('u|sip|network|852|udp|127.0.0.9|5060|08:00:00.400000|t||127.0.0.1|5070|', INVITE)).toEqual({
      source: 'control',
      direction: 'in',
      atEpochMs: NOW - 100,
      protocol: 'udp',
      local: SIP,
      remote: { host: '127.0.0.9', port: 5060 },
      bytes: Buffer.from(INVITE),
    });
  });

  it.for([
    ['a response', `u|response|m|OK|application|601|udp|127.0.0.9|5060|08:00:00.4|t|d||Msg sent:|`, OK, '127.0.0.9'],
    // Of a request the server names its own socket.
    ['a request', `u|response|m|OK|application|640|udp|127.0.0.1|5070|08:00:00.4|t|Msg sent:|`, INVITE, ''],
    ['a BYE of its own accord', 'u|sip|application|250|udp|127.0.0.1|5070|08:00:00.4|unsolicited|d|', INVITE, ''],
    [
      'a response with bars in its dialog id',
      'u|response|m|OK|application|601|udp|127.0.0.9|5060|08:00:00.4|t|a|b|c||Msg sent:|',
      OK,
      '127.0.0.9',
    ],
  ] as const)('has what the server sent: %s', ([, leader, message, host]) => {
    expect(record(leader, message)).toMatchObject({ direction: 'out', atEpochMs: NOW - 100, remote: { host } });
  });

  it.for([
    ['a reply without a message', 'u|response|m|OK', ''],
    ['a refusal', 'u|response|m|NOK|can not send request to myself', ''],
    ['a response that was made for the application and never on a wire', 'u|sip|network|0|udp|||08:00:00.4|t|d|', OK],
    ['a call detail record', 'u|cdr:stop|network|08:00:00.4|normal-release', INVITE],
    ['nonsense', 'x', OK],
    ['an empty line', '', OK],
  ] as const)('has nothing of %s', ([, leader, message]) => {
    expect(record(leader, message)).toBeNull();
  });

  it('takes the protocol that the server leaves out for UDP', () => {
    expect(record('u|sip|network|310||127.0.0.9|5060|08:00:00.4|t|d|', INVITE)).toMatchObject({ protocol: 'udp' });
  });
});
