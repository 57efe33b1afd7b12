/** How a call is routed under `ms-sipre`, in detail: stages, responses, header fields. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AUDIO, type CallPlan, type CallSeen, type LegRole, TestLab, WAITS } from './lab.ts';
import { expectStages } from './stages.ts';
import { header, headers } from './ua.ts';

const ND = 'Ms-Sensitivity: private-no-diversion';
const SEC = 'Ms-Target-Class: secondary';
const VIDEO = AUDIO.replace('m=audio', 'm=video');
const MIXED = `--part\r\nContent-Type: application/sdp\r\n\r\n${AUDIO}\r\n--part--\r\n`;
const HANG_UP_AFTER_MS = 1_200; // later than any wait of the server

/** Name: [plan, who is rung, final response, missed calls]. */
const CALLS: Record<string, readonly [plan: CallPlan, reached: string, final: number, missed: number]> = {
  'answered by the callee': [{ phone: 'answer' }, 'phone', 200, 0],
  'answered under a no-diversion value': [{ phone: 'answer', headers: [ND] }, 'phone', 200, 0],
  'answered as a secondary target': [{ phone: 'answer', headers: [SEC] }, 'phone', 200, 0],
  busy: [{ phone: 'busy' }, 'phone > voicemail', 200, 0],
  'busy, no diversion': [{ phone: 'busy', headers: [ND] }, 'phone', 486, 1],
  'busy, secondary': [{ phone: 'busy', headers: [SEC] }, 'phone', 486, 0],
  'busy, no diversion, comment-2013': [{ phone: 'busy', headers: [ND], policy: 'comment-2013' }, 'phone', 480, 1],
  'declined (603)': [{ phone: 'decline' }, 'phone > voicemail', 200, 0],
  'declined (603), no diversion': [{ phone: 'decline', headers: [ND] }, 'phone', 603, 1],
  'declined everywhere (605)': [{ phone: 'decline-everywhere' }, 'phone', 605, 0],
  'declined everywhere (605) with team ring': [{ phone: 'decline-everywhere', flags: ['team_ring'] }, 'phone', 605, 0],
  'redirected by the phone': [{ phone: 'redirect' }, 'phone > voicemail', 200, 0],
  'redirected by the phone, no diversion': [{ phone: 'redirect', headers: [ND] }, 'phone', 480, 1],
  'redirected by the phone, secondary': [{ phone: 'redirect', headers: [SEC] }, 'phone', 480, 0],
  'no mailbox': [{ mailbox: false }, 'phone', 480, 0],
  offline: [{ phone: 'unregistered' }, 'voicemail', 200, 0],
  'offline, no diversion': [{ phone: 'unregistered', headers: [ND] }, '', 480, 0],
  'offline, secondary': [{ phone: 'unregistered', headers: [SEC] }, '', 480, 0],
  'do not disturb': [{ doNotDisturb: true }, 'voicemail', 200, 0],
  'do not disturb, no diversion': [{ doNotDisturb: true, headers: [ND] }, '', 480, 0],
  'do not disturb, secondary': [{ doNotDisturb: true, phone: 'busy', headers: [SEC] }, 'phone', 486, 0],
  'do not disturb, team': [{ doNotDisturb: true, flags: ['team_ring'], others: 'answer' }, 'team', 200, 0],
  'do not disturb, delegates': [{ doNotDisturb: true, flags: ['delegate_ring'], others: 'answer' }, 'delegate', 200, 0],
  blocked: [{ flags: ['block'] }, '', 480, 0],
  'blocked, secondary': [{ flags: ['block'], headers: [SEC] }, '', 480, 0],
  'immediately to voice mail': [{ flags: ['forward_immediate'] }, 'voicemail', 200, 0],
  'immediately to voice mail, no diversion': [{ flags: ['forward_immediate'], headers: [ND] }, '', 480, 0],
  'forward target answers': [{ flags: ['enablecf'], others: 'answer' }, 'phone > forward-target', 200, 0],
  'forward target is busy': [{ flags: ['enablecf'], others: 'busy' }, 'phone > forward-target', 486, 1],
  'forward target does not answer': [{ flags: ['enablecf'] }, 'phone > forward-target', 480, 1],
  'forward target is a subscriber': [
    { flags: ['enablecf'], forwardTo: 'delegate', others: 'answer' },
    'phone > delegate',
    200,
    0,
  ],
  'forwarding without a target': [
    {
      flags: ['enablecf'],
      override: { lists: { forwardto: [], simultaneous_ring: [], team: [], delegates: [], breakthrough: [] } },
    },
    'phone',
    480,
    1,
  ],
  'simultaneous ring answers': [
    { flags: ['simultaneous_ring'], others: 'answer' },
    'phone + simultaneous-ring',
    200,
    0,
  ],
  'simultaneous ring answers once the phone rings': [
    { flags: ['simultaneous_ring'], others: 'answer-once-it-rings' },
    'phone + simultaneous-ring',
    200,
    0,
  ],
  'simultaneous ring answers before the phone rings': [
    { flags: ['simultaneous_ring'], phone: 'ring-once-answered', others: 'answer' },
    'phone + simultaneous-ring',
    200,
    0,
  ],
  'simultaneous ring of an offline callee': [
    { flags: ['simultaneous_ring'], phone: 'unregistered', others: 'answer' },
    'simultaneous-ring',
    200,
    0,
  ],
  'callee busy while the other phone rings': [
    { flags: ['simultaneous_ring'], phone: 'busy' },
    'phone + simultaneous-ring > voicemail',
    200,
    0,
  ],
  'team answers': [{ flags: ['team_ring'], others: 'answer' }, 'phone > team', 200, 0],
  'team of a busy callee': [{ flags: ['team_ring'], phone: 'busy', others: 'answer' }, 'phone > team', 200, 0],
  'team of an offline callee': [{ flags: ['team_ring'], phone: 'unregistered', others: 'answer' }, 'team', 200, 0],
  'team of an offline callee, no diversion': [
    { flags: ['team_ring'], phone: 'unregistered', headers: [ND] },
    '',
    480,
    0,
  ],
  'team nobody of which is there': [{ flags: ['team_ring'], others: 'unregistered' }, 'phone > voicemail', 200, 0],
  'answered before the team would ring': [{ flags: ['team_ring'], phone: 'answer', others: 'answer' }, 'phone', 200, 0],
  'team and delegates: team wins': [
    { flags: ['team_ring', 'delegate_ring'], others: 'answer' },
    'phone > team',
    200,
    0,
  ],
  'delegates answer': [{ flags: ['delegate_ring'], others: 'answer' }, 'phone > delegate', 200, 0],
  'only delegates': [{ flags: ['delegate_ring', 'skip_primary'], others: 'answer' }, 'delegate', 200, 0],
  'caller in the team': [{ flags: ['team_ring'], callerIs: 'team' }, 'phone > voicemail', 200, 0],
  'caller is a delegate': [{ flags: ['delegate_ring'], callerIs: 'delegate' }, 'phone > voicemail', 200, 0],
  'caller may break through': [
    { flags: ['team_ring', 'skip_primary'], callerUser: 'boss', breakthrough: ['sip:boss@ms-sipre.test'] },
    'phone > voicemail',
    200,
    0,
  ],
  'transferred by one who may break through': [
    {
      flags: ['team_ring'],
      breakthrough: ['sip:boss@ms-sipre.test'],
      headers: ['Referred-By: "The boss" <sip:boss@MS-SIPRE.test>;ref=1'],
    },
    'phone > voicemail',
    200,
    0,
  ],
  'breaks through, no diversion': [
    { flags: ['team_ring'], callerUser: 'boss', breakthrough: ['sip:boss@ms-sipre.test'], headers: [ND] },
    'phone',
    480,
    1,
  ],
  'dials voice mail, whatever the header': [{ dials: 'voice-mail-gruu', headers: [ND, SEC] }, 'voicemail', 200, 0],
  'dials voice mail of a blocked callee': [{ dials: 'voice-mail-gruu', flags: ['block'] }, 'voicemail', 200, 0],
  'video only: no rules': [{ sdp: VIDEO, hangUpAfterMs: HANG_UP_AFTER_MS }, 'phone', 487, 0],
  'audio in a multipart body': [
    { sdp: MIXED, contentType: 'multipart/mixed;boundary=part' },
    'phone > voicemail',
    200,
    0,
  ],
  'diverted before': [
    {
      phone: 'busy',
      headers: ['Diversion: <sip:old@example.test>;reason=unknown', 'diversion: <sip:older@example.test>'],
    },
    'phone > voicemail',
    200,
    0,
  ],
  'calls himself': [{ phone: 'busy', callerIs: 'callee' }, 'phone > voicemail', 200, 0],
  'has a history': [
    { phone: 'busy', headers: ['History-Info: <sip:x@example.test>;index=1, <sip:y@example.test>;index=1.3'] },
    'phone > voicemail',
    200,
    0,
  ],
  'has a history that cannot be read': [{ phone: 'busy', headers: ['History-Info: ?'] }, 'phone > voicemail', 200, 0],
  'hangs up while it rings': [{ hangUpWhen: 'phone' }, 'phone', 487, 1],
  'hangs up while it rings, no diversion': [{ hangUpWhen: 'phone', headers: [ND] }, 'phone', 487, 1],
  'hangs up while it rings, secondary': [{ hangUpWhen: 'phone', headers: [SEC] }, 'phone', 487, 0],
  'hangs up while the team rings': [{ flags: ['team_ring'], hangUpWhen: 'team' }, 'phone > team', 487, 1],
  'hangs up while the forward target rings': [
    { flags: ['enablecf'], hangUpWhen: 'forward-target' },
    'phone > forward-target',
    487,
    1,
  ],
};

let lab: TestLab;
let seen: Record<string, CallSeen>;
const call = (name: string) => seen[name] as CallSeen;
const leg = (name: string, role: LegRole) => {
  const found = call(name).legs.find((one) => one.role === role);
  if (found === undefined) throw new Error(`${name}: no leg to ${role}`);
  return found;
};
const history = (name: string, role: LegRole) => headers(leg(name, role).invite, 'History-Info');
const aor = (name: string) => `<sip:${call(name).user}@ms-sipre.test>;index=1`;
/** It may be read later than it came, never sooner. */
const msAfterCall = (name: string, role: LegRole) => leg(name, role).atMs - call(name).sentAtMs;

beforeAll(async () => {
  lab = await TestLab.start();
  seen = await lab.run(Object.fromEntries(Object.entries(CALLS).map(([name, [plan]]) => [name, plan])));
});
afterAll(() => lab[Symbol.asyncDispose]());

it.each(Object.entries(CALLS))('%s', (name, [, reached, final, missed]) => {
  expectStages(call(name), reached);
  expect(call(name).final, 'final response').toBe(final);
  expect(call(name).notices, 'missed calls').toHaveLength(missed);
});

describe('the voice mail leg', () => {
  it('is the voice-mail-gruu of the callee, sent to the voice mail server', () => {
    const { user } = call('busy');
    expect(leg('busy', 'voicemail').invite.startLine).toBe(
      `INVITE sip:${user}@ms-sipre.test;opaque=app:voicemail;gruu SIP/2.0`,
    );
  });

  it.each([
    ['busy', 'user-busy'],
    ['declined (603)', 'deflection'],
    ['offline', 'unavailable'],
    ['do not disturb', 'do-not-disturb'],
    ['immediately to voice mail', 'unconditional'],
    ['audio in a multipart body', 'no-answer'],
  ])('says in Diversion who was called and why: %s', (name, why) => {
    const expected = `<sip:${call(name).user}@ms-sipre.test>;reason=${why}`;
    expect(headers(leg(name, 'voicemail').invite, 'Diversion')).toEqual([expected]);
  });

  it('carries no Diversion when voice mail was dialled', () => {
    expect(headers(leg('dials voice mail, whatever the header', 'voicemail').invite, 'Diversion')).toEqual([]);
  });

  it('carries no Diversion of those who diverted before', () => {
    const expected = `<sip:${call('diverted before').user}@ms-sipre.test>;reason=user-busy`;
    expect(headers(leg('diverted before', 'voicemail').invite, 'Diversion')).toEqual([expected]);
  });

  it('carries no Diversion when the callee calls himself', () => {
    expect(headers(leg('calls himself', 'voicemail').invite, 'Diversion')).toEqual([]);
  });

  it('keeps the header fields of the caller', () => {
    expect(header(leg('dials voice mail, whatever the header', 'voicemail').invite, 'Ms-Sensitivity')).toBe(
      'private-no-diversion',
    );
  });
});

describe('History-Info', () => {
  it('has one entry on a leg to the callee', () => {
    expect(history('busy', 'phone')).toEqual([aor('busy')]);
  });

  it('grows by the voice-mail-gruu, on the leg and in the 181', () => {
    const gruu = `<sip:${call('busy').user}@ms-sipre.test;opaque=app:voicemail;gruu>;index=1.1;ms-retarget-reason=forwarding`;
    expect(history('busy', 'voicemail')).toEqual([aor('busy'), gruu]);
    const forwarded = call('busy').responses.filter(({ status }) => status === 181);
    expect(forwarded.map((response) => header(response, 'History-Info'))).toEqual([`${aor('busy')}, ${gruu}`]);
  });

  it.each([
    ['forward target answers', 'forward-target', 'forwarding'],
    ['team answers', 'team', 'team-call'],
    ['team of a busy callee', 'team', 'team-call'],
    ['delegates answer', 'delegate', 'delegation'],
  ] as const)('names the reason: %s', (name, role, reason) => {
    const { host, port } = lab.uas[role];
    const target = `<sip:${call(name).user}-${role}@${host}:${port}>`;
    expect(history(name, role)).toEqual([aor(name), `${target};index=1.1;ms-retarget-reason=${reason}`]);
  });

  it('carries on where the caller has left it', () => {
    const given = '<sip:x@example.test>;index=1, <sip:y@example.test>;index=1.3';
    expect(history('has a history', 'phone')).toEqual([given]);
    expect(history('has a history', 'voicemail')).toEqual([given, expect.stringContaining('>;index=1.3.1;')]);
    expect(history('has a history that cannot be read', 'voicemail').at(-1)).toContain('>;index=1.1;');
  });

  it('counts the branches', () => {
    expect(history('team nobody of which is there', 'voicemail').at(-1)).toContain('>;index=1.1;');
    expect(history('callee busy while the other phone rings', 'voicemail').at(-1)).toContain('>;index=1.2;');
  });
});

describe('losing branches', () => {
  it('are cancelled as answered elsewhere when somebody answered', () => {
    for (const name of ['simultaneous ring answers once the phone rings', 'team answers', 'delegates answer']) {
      const { cancel } = leg(name, 'phone');
      expect(cancel && header(cancel, 'Reason'), name).toBe('SIP;cause=200;text="Call completed elsewhere"');
    }
  });

  it('that had not rung yet are told the cause, without the text', () => {
    // RFC 3261 9.1: the CANCEL waits for the first response. Kamailio then writes the cause alone (5.6.3 and 6.0.1).
    const { cancel } = leg('simultaneous ring answers before the phone rings', 'phone');
    expect(cancel && header(cancel, 'Reason')).toBe('SIP;cause=200');
  });

  it('are not told so when nobody did', () => {
    const { cancel } = leg('hangs up while the team rings', 'team');
    expect(cancel).toBeDefined();
    expect(cancel && header(cancel, 'Reason')).not.toContain('cause=200');
  });
});

describe('waits', () => {
  it('are not cut short: phone until total, team after user', () => {
    // 50 ms for what the server's timers are early by: they count in ticks.
    expect(msAfterCall('audio in a multipart body', 'voicemail')).toBeGreaterThan(WAITS.totalMs - 50);
    expect(msAfterCall('team answers', 'team')).toBeGreaterThan(WAITS.userMs - 50);
  });
});

describe('team and delegates', () => {
  it.each([
    ['team answers', 'team'],
    ['delegates answer', 'delegate'],
    ['hangs up while the team rings', 'team'],
  ] as const)("join while the callee's phone rings on: %s", (name, role) => {
    expect(leg(name, 'phone').cancel?.atMs).toBeGreaterThan(leg(name, role).atMs);
  });
});

describe('the missed call', () => {
  it('is a MESSAGE to the voice-mail-gruu with callee, caller and Call-ID', () => {
    const { notices, user, legs } = call('hangs up while it rings');
    const [notice] = notices;
    if (notice === undefined) throw new Error('no notice');
    expect(notice.startLine).toBe(`MESSAGE sip:${user}@ms-sipre.test;opaque=app:voicemail;gruu SIP/2.0`);
    expect(header(notice, 'Event')).toBe('missed-call');
    expect(header(notice, 'Content-Type')).toBe('text/plain');
    const [{ invite } = { invite: notice }] = legs;
    expect(notice.body.split('\r\n')).toEqual([
      `Callee: sip:${user}@ms-sipre.test`,
      'Caller: sip:caller@ms-sipre.test',
      `Call-ID: ${header(invite, 'Call-ID')}`,
      '',
    ]);
    expect(header(notice, 'Call-ID')).not.toBe(header(invite, 'Call-ID'));
  });
});
