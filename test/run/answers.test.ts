import { describe, expect, it } from 'vitest';
import { answersOf, redirectionsOf, tagsGiven } from '../../harness/run/answers.ts';
import { message, START_EPOCH_MS } from '../helpers/wire.ts';

const toCaller = (atMs: number, tag: string, line = '200 OK') =>
  message('caller', 'in', atMs, { line, to: `<sip:a@b>;tag=${tag}` });
const given = (atMs: number, tag: string, role: 'voicemail' | 'phone' = 'voicemail', line = '200 OK') =>
  message(role, 'out', atMs, { line, to: `<sip:a@b>;tag=${tag}` });
const answers = (...messages: ReturnType<typeof toCaller>[]) => answersOf(messages, START_EPOCH_MS);

describe('who answered the caller', () => {
  it('is the leg that gave the same tag, whatever the order of the stamps', () => {
    expect(answers(given(610, 'v'), toCaller(612, 'v'))).toEqual([{ atMs: 612, by: 'voicemail', knownBy: 'tag' }]);
    expect(answers(given(610, 'p', 'phone'), given(611, 'v'), toCaller(612, 'p'))).toMatchObject([{ by: 'phone' }]);
  });

  it('is nobody when no leg answered', () => {
    expect(answers(toCaller(612, 'own'))).toEqual([{ atMs: 612, by: null, knownBy: null }]);
    expect(answers(given(600, 'v', 'voicemail', '180 Ringing'), toCaller(612, 'own'))).toMatchObject([{ by: null }]);
    expect(answers(given(600, 'v', 'voicemail', '486 Busy Here'), toCaller(612, 'own'))).toMatchObject([{ by: null }]);
  });

  it('is behind a B2BUA the leg that had answered by then', () => {
    expect(answers(given(610, 'v'), toCaller(612, 'own'))).toEqual([{ atMs: 612, by: 'voicemail', knownBy: 'time' }]);
    expect(answers(given(612 + 50, 'v'), toCaller(612, 'own'))).toMatchObject([{ by: 'voicemail' }]);
    expect(answers(given(612 + 51, 'v'), toCaller(612, 'own'))).toMatchObject([{ by: null }]);
  });

  it('explains one answer by one leg, and no leg twice', () => {
    expect(answers(given(610, 'v'), toCaller(612, 'own'), toCaller(700, 'other'))).toMatchObject([
      { by: 'voicemail' },
      { by: null },
    ]);
    expect(answers(given(610, 'v'), toCaller(612, 'v'), toCaller(700, 'other'))).toMatchObject([
      { knownBy: 'tag' },
      { by: null },
    ]);
  });

  it('is nobody by what the caller itself answered', () => {
    const own = message('caller', 'out', 610, { line: '200 OK', to: '<sip:customer@b>;tag=own' });
    expect(answers(own, toCaller(612, 'own'))).toEqual([{ atMs: 612, by: null, knownBy: null }]);
  });

  it('is nobody where the call was refused or sent elsewhere', () => {
    expect(answers(toCaller(612, 'x', '300 Multiple Choices'))).toEqual([]);
    expect(answers(toCaller(612, 'x', '299 Odd'))).toHaveLength(1);
  });

  it('counts retransmissions once, and no answer to anything but the INVITE', () => {
    expect(answers(given(610, 'v'), given(900, 'v'), toCaller(612, 'v'), toCaller(1112, 'v'))).toHaveLength(1);
    const bye = message('caller', 'in', 900, { line: '200 OK', cseq: '2 BYE', to: '<sip:a@b>;tag=v' });
    expect(answers(bye)).toEqual([]);
    expect(answers(toCaller(612, 'x', '480 Temporarily Unavailable'), toCaller(4, 'x', '180 Ringing'))).toEqual([]);
  });
});

describe('where the caller was sent', () => {
  const redirections = (...messages: ReturnType<typeof toCaller>[]) => redirectionsOf(messages, START_EPOCH_MS);

  it('is what a 3xx or a REFER says', () => {
    const moved = message('caller', 'in', 600, { line: '302 Moved', headers: ['Contact: <sip:vm@b>'] });
    const refer = message('caller', 'in', 700, {
      line: 'REFER sip:customer@127.0.0.2',
      headers: ['Refer-To: <sip:vm@b>'],
    });
    expect(redirections(moved, refer)).toEqual([
      { atMs: 600, by: '302', to: '<sip:vm@b>' },
      { atMs: 700, by: 'REFER', to: '<sip:vm@b>' },
    ]);
  });

  it.for(['299 x', '400 x', '200 OK', '180 Ringing'])('is nowhere with %s', (line) => {
    expect(redirections(toCaller(600, 'x', line))).toEqual([]);
  });

  it.for(['300 Multiple Choices', '380 Alternative', '399 x'])('is elsewhere with %s', (line) => {
    expect(redirections(toCaller(600, 'x', line))).toEqual([{ atMs: 600, by: line.slice(0, 3), to: '' }]);
  });

  it('is for the caller to say, not for the endpoints', () => {
    expect(redirections(given(600, 'v', 'phone', '302 Moved'))).toEqual([]);
    expect(redirections(message('caller', 'in', 600, { line: '302 Moved', cseq: '1 OPTIONS' }))).toEqual([]);
  });
});

it('knows the tags that endpoints gave, and not those of the server', () => {
  expect(
    tagsGiven([
      given(1, 'v', 'phone', '180 Ringing'),
      toCaller(2, 'server'),
      message('voicemail', 'in', 3, { line: 'INVITE sip:a@b' }),
      message('caller', 'out', 4, { line: '200 OK', to: '<sip:a@b>;tag=caller' }),
      message('voicemail', 'out', 5, { line: 'BYE sip:a@b', to: '<sip:a@b>;tag=remote' }),
      message('phone', 'out', 6, { line: '100 Trying' }),
    ]),
  ).toEqual(new Set(['v']));
});
