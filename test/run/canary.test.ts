import { describe, expect, it } from 'vitest';
import { DrachtioServer } from '../../harness/drachtio/index.ts';
import { answer, audioSdp, Endpoint } from '../../harness/endpoints/endpoint.ts';
import type { SipRequest, SipResponse } from '../../harness/endpoints/srf.ts';
import { VoiceMail } from '../../harness/endpoints/voicemail.ts';
import { nowEpochMs } from '../../harness/now.ts';
import { type Canary, canaries, headerCanaries } from '../../harness/run/canary.ts';
import { CanaryCaller } from '../../harness/run/canary-caller.ts';
import { ROUND_MS } from '../../harness/run/canary-times.ts';
import { KAMAILIO } from '../../harness/servers/kamailio/kamailio.ts';

/** What the server makes of a canary call. */
type Plays = (request: SipRequest, response: SipResponse, lab: Lab) => void;

interface Lab extends AsyncDisposable {
  readonly caller: CanaryCaller;
  readonly callers: Endpoint;
  readonly voicemail: VoiceMail;
  /** The INVITEs that reached the server. */
  readonly invites: readonly SipRequest[];
  /** Requests that ended calls. */
  readonly ends: readonly string[];
  /** Answers a call; its end will be among `ends`. */
  readonly take: (request: SipRequest, response: SipResponse) => void;
}

async function lab(plays: Plays, over: { traps?: readonly Canary['trap'][]; timeoutMs?: number } = {}): Promise<Lab> {
  const stack = new AsyncDisposableStack();
  const start = async (role: 'canary' | 'phone'): Promise<Endpoint> => {
    const server = await DrachtioServer.start({ sip: { host: '127.0.0.1' } });
    return stack.use(await Endpoint.start({ role, server, onTrouble: () => {} }));
  };
  const callers = await start('canary');
  const server = await start('phone');
  const voicemail = new VoiceMail(callers, { greetingMs: 0, server: server.sip });
  const invites: SipRequest[] = [];
  const ends: string[] = [];
  const { traps = ['phone'], timeoutMs = 5000 } = over;
  const own = canaries('test', ['plain'], KAMAILIO).filter(({ trap }) => traps.includes(trap));
  const caller = new CanaryCaller({ endpoint: callers, server: server.sip, voicemail, canaries: own, timeoutMs });
  const take = (request: SipRequest, response: SipResponse): void => {
    server.app.createUAS(request, response, { localSdp: audioSdp('127.0.0.1') }, (error, dialog) => {
      if (error) return;
      if (dialog.connected) dialog.on('destroy', () => ends.push('BYE'));
      else ends.push('BYE');
    });
  };
  const started = {
    caller,
    callers,
    voicemail,
    invites,
    ends,
    take,
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
  server.app.invite((request, response) => {
    invites.push(request);
    request.on('cancel', () => ends.push('CANCEL'));
    plays(request, response, started);
  });
  return started;
}

const answers: Plays = (request, response, { take }) => take(request, response);
const refuses: Plays = (_request, response) => answer(response, 486);
const rings: Plays = (_request, response) => answer(response, 180);
const outcomes = ({ caller }: Lab): string[] => caller.calls.map(({ outcome }) => outcome);

describe('a canary call', () => {
  it('is a plain call to the callee, and is hung up when it is answered', async () => {
    await using own = await lab(answers);
    await own.caller.round();
    expect(outcomes(own)).toEqual(['answered']);
    await expect.poll(() => own.ends).toEqual(['BYE']);
    const [invite] = own.invites;
    const [call] = own.caller.calls;
    expect(invite?.uri).toBe(`sip:alice-${call?.canary.key}@plain.test`);
    expect(invite?.get('From')).toMatch(/^<sip:canary@outside\.test>;tag=/);
    expect(invite?.get('To')).toBe(`<sip:alice-${call?.canary.key}@plain.test>`);
    expect(invite?.body).toContain('m=audio');
  });

  it('says with what it was refused', async () => {
    await using own = await lab(refuses);
    await own.caller.round();
    expect(outcomes(own)).toEqual(['final 486']);
  });

  it('gives up when its time is over', async () => {
    await using own = await lab(rings, { timeoutMs: 60 });
    await own.caller.round();
    expect(outcomes(own)).toEqual(['nothing within 60 ms']);
    await expect.poll(() => own.ends).toEqual(['CANCEL']);
  });

  it('is kept with its time, from before it was sent until it was over', async () => {
    await using own = await lab(answers);
    const before = nowEpochMs();
    await own.caller.round();
    const after = nowEpochMs();
    const [call] = own.caller.calls;
    expect(call?.sentEpochMs).toBeGreaterThanOrEqual(before);
    expect(call?.doneEpochMs).toBeGreaterThan(call?.sentEpochMs ?? Number.POSITIVE_INFINITY);
    expect(call?.doneEpochMs).toBeLessThanOrEqual(after);
  });

  it('tells who keeps time: when it was answered, and while it is under way if it got through before', async () => {
    const asked: PromiseWithResolvers<() => void>[] = [Promise.withResolvers(), Promise.withResolvers()];
    await using own = await lab((request, response, { take, invites }) =>
      asked[invites.length - 1]?.resolve(() => take(request, response)),
    );
    const told = own.caller.round();
    const take = await asked[0]?.promise;
    expect(own.caller.beats).toEqual([]);
    take?.();
    await told;
    const due = own.caller.calls.map((call) => call.sentEpochMs + ROUND_MS);
    const beats = own.caller.calls.map((call, at) => ({ dueEpochMs: due[at], answeredEpochMs: call.doneEpochMs }));
    expect(beats).toHaveLength(1);
    expect(own.caller.beats).toEqual(beats);
    const again = own.caller.round();
    const takeAgain = await asked[1]?.promise;
    expect(own.caller.beats).toEqual([...beats, { dueEpochMs: expect.any(Number), answeredEpochMs: null }]);
    takeAgain?.();
    await again;
    expect(own.caller.beats.map(({ dueEpochMs }) => dueEpochMs)).toEqual(
      own.caller.calls.map(({ sentEpochMs }) => sentEpochMs + ROUND_MS),
    );
  });

  it.for([
    ['that was refused', refuses, ['phone'], {}],
    ['that got nowhere', rings, ['phone'], { timeoutMs: 60 }],
    ['that waits for a timer of the server', answers, ['team'], {}],
  ] as const)('tells nothing of time %s', async ([, plays, traps, over]) => {
    await using own = await lab(plays, { traps, ...over });
    await own.caller.round();
    expect(own.caller.calls).toHaveLength(1);
    expect(own.caller.beats).toEqual([]);
  });

  it('says what is wrong when its own endpoint has lost its server', async () => {
    await using own = await lab(answers, { timeoutMs: 60 });
    await own.callers.stop();
    await own.caller.round(); // the library does not know yet
    await own.caller.round();
    expect(outcomes(own)).toEqual(['nothing within 60 ms', expect.stringMatching(/error/i)]);
  });
});

describe('a canary call to the inbox', () => {
  const traps = ['missed-call-inbox'] as const;
  const note = ({ voicemail }: Lab, callId: string | null = null): void => {
    const inbox = canaries('test', ['plain'], KAMAILIO).find(({ trap }) => trap === 'missed-call-inbox');
    voicemail.file(`alice-${inbox?.key}`, { kind: 'missed-call', by: 'server', atEpochMs: 1, callId });
  };

  it('is given up while it rings, and waits until that was filed', async () => {
    const noted: Plays = (request, response, own) => {
      request.on('cancel', () => note(own));
      answer(response, 180);
    };
    await using own = await lab(noted, { traps });
    await own.caller.round();
    expect(outcomes(own)).toEqual(['filed']);
    expect(own.ends).toEqual(['CANCEL']);
    const [call] = own.caller.calls;
    expect(call?.hungUpEpochMs).toBeGreaterThan(call?.sentEpochMs ?? Number.POSITIVE_INFINITY);
    expect(call?.hungUpEpochMs).toBeLessThanOrEqual(call?.doneEpochMs ?? 0);
    const { sentEpochMs = 0, hungUpEpochMs = 0, doneEpochMs = 0 } = call ?? {};
    expect(own.caller.beats).toEqual([
      { dueEpochMs: sentEpochMs + ROUND_MS, answeredEpochMs: hungUpEpochMs },
      { dueEpochMs: hungUpEpochMs + ROUND_MS, answeredEpochMs: doneEpochMs },
    ]);
  });

  it.for([
    ['given up while it rang', rings, 'final 487', ['CANCEL']],
    ['taken by somebody', answers, 'answered by somebody', ['BYE']],
    ['refused', refuses, 'final 486', []],
  ] as const)('of which nothing was filed was %s, and says so', async ([, plays, ended, ends]) => {
    // All of it is waited out, and the call must have ended in it on a busy machine, too.
    await using own = await lab(plays, { traps, timeoutMs: 1500 });
    await own.caller.round();
    expect(outcomes(own)).toEqual([`no notification (call: ${ended})`]);
    await expect.poll(() => own.ends).toEqual(ends);
  });

  it('has no part in what was filed late of the one before', async () => {
    const notedLate: Plays = (request, response, own) => {
      const callIds = own.invites.map((invite) => invite.get('Call-ID'));
      const [before, itself] = [callIds.at(-2), callIds.at(-1)];
      request.on('cancel', () => {
        if (before !== undefined) note(own, before);
        if (callIds.length === 3) note(own, itself);
      });
      answer(response, 180);
    };
    await using own = await lab(notedLate, { traps, timeoutMs: 1500 });
    for (let round = 0; round < 3; round += 1) await own.caller.round();
    const unnoted = 'no notification (call: final 487)';
    expect(outcomes(own)).toEqual([unnoted, unnoted, 'filed']);
  });

  it('that never rang is over with its time, whatever was filed', async () => {
    const notes: Plays = (_request, response, own) => {
      note(own);
      answer(response, 183);
    };
    await using own = await lab(notes, { traps, timeoutMs: 80 });
    await own.caller.round();
    expect(outcomes(own)).toEqual(['nothing within 80 ms']);
    await expect.poll(() => own.ends).toEqual(['CANCEL']);
  });
});

describe('rounds of canary calls', () => {
  it('call every canary once', async () => {
    const traps = ['voicemail', 'team', 'phone'] as const;
    await using own = await lab(answers, { traps });
    await own.caller.round();
    expect(own.caller.calls.map(({ canary }) => canary.trap)).toEqual(traps);
    expect(own.invites).toHaveLength(3);
  });

  it('do not overlap: who asks for one gets the one that runs', async () => {
    await using own = await lab(refuses);
    await Promise.all([own.caller.round(), own.caller.round()]);
    expect(outcomes(own)).toHaveLength(1);
    await own.caller.round();
    expect(outcomes(own)).toHaveLength(2);
  });

  it('are fresh when they begin after the one that runs', async () => {
    await using own = await lab(answers);
    await Promise.all([own.caller.round(), own.caller.freshRound()]);
    const [first, second] = own.caller.calls;
    expect(second?.sentEpochMs).toBeGreaterThanOrEqual(first?.doneEpochMs ?? Number.POSITIVE_INFINITY);
    expect(outcomes(own)).toHaveLength(2);
  });

  it('are two when a canary of a fresh one got nowhere: what gets through then says that its trap lives', async () => {
    let refused = false;
    await using own = await lab((request, response, { take }) => {
      if (refused) take(request, response);
      else answer(response, 486);
      refused = true;
    });
    await own.caller.freshRound();
    expect(outcomes(own)).toEqual(['final 486', 'answered']);
    await own.caller.freshRound();
    expect(outcomes(own)).toHaveLength(3);
  });
});

it('calls with a header carry it, and are no part of the rounds', async () => {
  await using own = await lab(answers);
  const variant = { id: 'one', title: 'x', kind: 'decoy', claims: [], headers: ['X-One: yes'] } as const;
  const withHeader = headerCanaries('test', [{ policy: 'plain', variant }], 7, KAMAILIO);
  expect(await own.caller.once(withHeader)).toMatchObject([{ canary: withHeader[0], outcome: 'answered' }]);
  expect(own.invites.map((invite) => invite.get('X-One'))).toEqual(['yes']);
  expect(own.caller.calls).toEqual([]);
  await own.caller.round();
  expect(own.invites.map((invite) => invite.has('X-One'))).toEqual([true, false]);
});
