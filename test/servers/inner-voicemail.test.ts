/** Asterisk with its own voice mail: what each kind of evidence shows by itself, and that none of them is believed when it is not there. */
import { describe, expect, it, type TestContext } from 'vitest';
import { INNER_EVIDENCE, type InnerEvidence } from '../../harness/model/words.ts';
import { relayedSite } from '../../harness/sabotage/path/relayed-site.ts';
import type { Rule } from '../../harness/sabotage/path/rule.ts';
import { ASTERISK_VOICEMAIL, asteriskServer } from '../../harness/servers/asterisk/asterisk.ts';
import { Mailboxes } from '../../harness/servers/asterisk/mailboxes.ts';
import type { Server } from '../../harness/servers/server.ts';
import type { SmallRun, SmallRunResult } from '../helpers/small-run.ts';
import { runOnAsterisk } from './on-asterisk.ts';

const KEPT_OUT = 'sensitivity-private-no-diversion';
const CELLS = { situations: ['voicemail-busy', 'answered-by-callee'], variants: ['none', KEPT_OUT] };

/** The same, behind the dialplan that obeys headers. */
const obeying = (evidence: readonly InnerEvidence[], countedWithinMs = 5_000): Server =>
  asteriskServer({
    id: 'asterisk-voicemail-headers',
    title: 'Asterisk with app_voicemail behind headers.conf',
    name: 'Asterisk (app_voicemail, headers.conf)',
    policy: 'ms-sipre',
    dialplan: { files: ['dialplan.conf', 'headers.conf'], context: 'callers-with-headers', mailboxes: true },
    innerVoicemail: { evidence, talkMs: 2_500, countedWithinMs },
  });

/** Of the dialplan: voice mail takes the call. */
const TAKES = `VoiceMail(\${VOICEMAIL},s):`;

type Edit = (text: string, name: string) => string;

const runOn = (
  context: TestContext,
  server: Server,
  wanted: SmallRun = CELLS,
  editConfig?: Edit,
): Promise<SmallRunResult> => runOnAsterisk(context, server, { rate: 20, ...wanted }, editConfig);

/** @returns an edit of one file, which must have the text once */
function replaced(file: string, from: string, to: string): Edit {
  return (text, name) => {
    if (name !== file) return text;
    if (!text.includes(from)) throw new Error(`${file} does not have: ${from}`);
    return text.replaceAll(from, () => to);
  };
}

const arrivals = ({ observed }: SmallRunResult['results'][number]): unknown => observed.arrivals?.map(({ by }) => by);
const checkOf = ({ checks = [] }: SmallRunResult['results'][number], id: string) =>
  checks.find((each) => each.id === id);

describe.concurrent('asterisk-voicemail', () => {
  it('takes calls in every way into its own voice mail, and every kind of evidence shows it', async (context) => {
    const ways = ['no-answer', 'busy', 'declined', 'offline', 'do-not-disturb', 'immediate'];
    const situations = [
      ...ways.map((way) => `voicemail-${way}`),
      'direct-to-voicemail',
      'team-ring',
      'missed-call-hangup-while-ringing',
    ];
    const run = await runOn(context, ASTERISK_VOICEMAIL, { situations, variants: ['none', KEPT_OUT] });
    for (const cell of run.results) {
      const { id, situation, verdict, why, feature } = cell;
      if (situation === 'missed-call-hangup-while-ringing') {
        expect([verdict, why]).toEqual(['unsupported', expect.stringMatching(/takes no notes of missed calls$/)]);
        continue;
      }
      expect([situation, verdict, why]).toEqual([situation, 'pass', null]);
      // On a busy machine Asterisk's timer may be over before the team has answered, which was asked all the same.
      const { legs = [] } = run.outcome.observations.get(id) ?? {};
      const answeredByTeam = legs.some(({ role, answered }) => role === 'team' && answered);
      expect(arrivals(cell)).toEqual(feature === 'voicemail' || !answeredByTeam ? INNER_EVIDENCE : []);
    }
    const { seen } = checkOf(run.cell('voicemail-busy', KEPT_OUT), 'expectation') ?? {};
    expect(seen).toMatch(
      /^voice mail was reached \(the mailbox, which was looked into, rose from 0 to 1, \d+ ms after the INVITE; /,
    );
    expect(seen).toMatch(
      /; and message-waiting rose from 0 to 1, \d+ ms after the INVITE; and no phone of ours answered, /,
    );
    expect(seen).toMatch(
      /the fingerprint of the answer is equal to the canary's: Contact sip:127\.[\d.]+:\d+, Server or /,
    );
  });

  it.for(INNER_EVIDENCE)('is shown by %s alone to be reached, and to be kept out of', async (by, context) => {
    const run = await runOn(context, obeying([by]));
    expect(run.results.map(({ verdict, why, observed }) => [verdict, why, observed.outcome])).toEqual([
      ['pass', null, 'engaged'],
      ['pass', null, 'suppressed'],
      ['pass', null, 'suppressed'],
      ['pass', null, 'suppressed'],
    ]);
    expect(arrivals(run.cell('voicemail-busy', 'none'))).toEqual([by]);
    const kept = run.cell('voicemail-busy', KEPT_OUT);
    expect(checkOf(kept, 'inner-voicemail')?.seen).toMatch(new RegExp(`^${by}, by which canaries have shown`));
    expect(checkOf(kept, 'canary-after')?.seen).toMatch(new RegExp(`as shown by ${by}$`));
    expect(kept.proof?.canary.after?.by).toEqual([by]);
  });

  it.for(INNER_EVIDENCE)('is red by %s alone where the dialplan forgets to keep a call out', async (by, context) => {
    const { cell } = await runOn(context, obeying([by]), CELLS, replaced('headers.conf', 'Set(VOICEMAIL=)', 'NoOp()'));
    const red = cell('voicemail-busy', KEPT_OUT);
    expect(red, red.why ?? '').toMatchObject({ verdict: 'fail', observed: { arrivals: [{ by }] } });
  });
});

/** Before the call, in a round that came during it, or in the one that was to close its window. */
const NOTHING_SHOWN = /no canary reached voice mail (before|after)|a canary to voicemail failed during the call/;

describe.concurrent('nothing is kept out of a voice mail inside of the server', () => {
  const inconclusive = (run: SmallRunResult, why: RegExp): void => {
    const { verdict, why: said } = run.cell('voicemail-busy', KEPT_OUT);
    expect([verdict, said]).toEqual(['inconclusive', expect.stringMatching(why)]);
    expect(run.cell('answered-by-callee', KEPT_OUT).verdict).toBe('inconclusive');
  };

  it('that tells nobody of messages, where nothing else shows it', async (context) => {
    const mute = replaced('voicemail-modules.conf', 'load = res_pjsip_mwi.so\n', '');
    inconclusive(await runOn(context, obeying(['message-waiting'], 1_000), CELLS, mute), NOTHING_SHOWN);
  });

  it('that tells of each message while the next one is being left', async (context) => {
    const held: string[] = [];
    const late: Rule = (message, { fromServer }) => {
      if (!fromServer || !/^Messages-Waiting: yes/im.test(String(message.body))) return 'goes on';
      held.push(message.startLine);
      return { delayMs: 5_000 }; // rounds of canaries take three seconds and more
    };
    const run = await runOn(context, obeying(['message-waiting'], 1_000), {
      ...CELLS,
      changeSite: (site) => relayedSite(site, [late]),
    });
    expect(held).not.toEqual([]);
    inconclusive(run, NOTHING_SHOWN);
    expect(run.outcome.warnings).toContainEqual(
      expect.stringMatching(/^message-waiting is \d+ behind what canaries left/),
    );
  });

  it('that somebody looks into and does not see new messages of', async (context) => {
    const server = obeying(['mailbox'], 1_000);
    const blind: Server = {
      ...server,
      bringUp: async (ground) => ({
        ...(await server.bringUp(ground)),
        mailboxes: async (users) => new Map(users.map((user) => [user, 0])),
      }),
    };
    inconclusive(await runOn(context, blind), NOTHING_SHOWN);
  });

  it('that nobody but an announcement answers in place of, as the counts of canaries show', async (context) => {
    // Whoever is no canary hears an announcement that looks like voice mail in everything but that it takes no message.
    const announcing = replaced(
      'dialplan.conf',
      TAKES,
      `\${IF($["\${CALLEE}" : ".*-c[0-9]+$"]?VoiceMail(\${VOICEMAIL},s):Goto(announce,s,1))}:`,
    );
    const run = await runOn(context, obeying(INNER_EVIDENCE), CELLS, (text, name) =>
      name === 'dialplan.conf'
        ? `${announcing(text, name)}\n[announce]\nexten => s,1,Answer()\n same => n,Wait(30)\n`
        : text,
    );
    const control = run.cell('voicemail-busy', 'none');
    expect([control.verdict, control.why]).toEqual([
      'inconclusive',
      expect.stringMatching(/no leg on record answered.*mailbox did not rise as it does for canaries/),
    ]);
    expect(run.cell('voicemail-busy', KEPT_OUT)).toMatchObject({
      verdict: 'inconclusive',
      why: expect.stringMatching(/the control/),
    });
  });

  it('that speaks in early media and never answers', async (context) => {
    const early = replaced('dialplan.conf', TAKES, 'Goto(early,s,1):');
    const run = await runOn(context, obeying(INNER_EVIDENCE), CELLS, (text, name) =>
      name === 'dialplan.conf' ? `${early(text, name)}\n[early]\nexten => s,1,Progress()\n same => n,Wait(30)\n` : text,
    );
    inconclusive(run, NOTHING_SHOWN);
  });
});

describe('mailboxes of Asterisk', () => {
  const shown = (box: string, count: number) =>
    `Context    Mbox  User                      Zone       NewMsg\nlab        ${box}  ${box}                      ${count}\n1 voicemail users configured.\n`;

  it('are somebody`s each, and counted as Asterisk shows them', () => {
    const mailboxes = new Mailboxes();
    expect([mailboxes.of('bob'), mailboxes.of('carol'), mailboxes.of('bob')]).toEqual([
      '1000@lab',
      '1001@lab',
      '1000@lab',
    ]);
    expect(mailboxes.messages(['bob', 'nobody'], shown('1000', 3))).toEqual(new Map([['bob', 3]]));
    expect(() => mailboxes.messages(['carol'], shown('1000', 3))).toThrow(
      'Asterisk does not show the mailbox 1001@lab of carol; what it shows ends: 1 voicemail users configured.',
    );
  });

  it('are as many as there will be callees, and no more', () => {
    const mailboxes = new Mailboxes(2);
    expect(mailboxes.configuration()).toEqual({ general: expect.anything(), lab: { 1000: '> 1000', 1001: '> 1001' } });
    expect([mailboxes.of('bob'), mailboxes.of('carol')]).toEqual(['1000@lab', '1001@lab']);
    expect(() => mailboxes.of('dave')).toThrow("All 2 mailboxes are somebody's: call fewer cells");
  });
});
