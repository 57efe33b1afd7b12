import { describe, expect, it } from 'vitest';
import { answersOf } from '../../harness/report/answers.ts';
import { answerSections } from '../../harness/report/html/answer.ts';
import { answerMarkup } from '../../harness/report/html/answer-sentence.ts';
import { PageParts } from '../../harness/report/html/parts.ts';
import { sample } from '../results/sample.ts';
import { type AnswerRun, answerRun, type Row } from './answer-run.ts';

const SIX = {
  'voicemail-no-answer': 'voicemail',
  'voicemail-busy': 'voicemail',
  'forward-no-answer': 'forwarding',
  'simultaneous-ring': 'simultaneous-ring',
  'team-ring': 'team-ring',
  'delegate-ring': 'delegate-ring',
  'missed-call-hangup-while-ringing': 'missed-call-notification',
} as const;
const VOICE_MAIL = { 'voicemail-no-answer': 'voicemail', 'voicemail-busy': 'voicemail' } as const;
const VOICE_MAIL_AND_TEAM = { 'voicemail-busy': 'voicemail', 'team-ring': 'team-ring' } as const;
const DECOYS = ['answer-mode-manual', 'target-class-primary', 'target-class-unknown'];
const NONE = Array.from({ length: 7 }, () => 'o');
const ALL = Array.from({ length: 7 }, () => '-');

/** `kept-out 2/2` per feature, of one row. */
function statesOf(run: AnswerRun, variant: string): string[] {
  const [block] = answersOf(answerRun(run).results);
  const rows = [...(block?.inhibitors ?? []), ...(block?.others ?? [])];
  const row = rows.find((each) => each.variant.id === variant);
  return (row?.answers ?? []).map(({ state, keptOut, asked }) => `${state} ${keptOut}/${asked}`);
}

function sentenceOf(run: AnswerRun): string {
  const [block] = answersOf(answerRun(run).results);
  return block === undefined ? '' : plain(answerMarkup(block, block.block.policy).text);
}

function plain(markup: string): string {
  return markup
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&#39;', "'")
    .replaceAll('&quot;', '"')
    .trim();
}

describe('the answer of a header and a feature', () => {
  it.each([
    [['-', '-'], 'kept-out 2/2'],
    [['-', 'o'], 'mixed 1/2'],
    [['o', 'o'], 'not-kept-out 0/2'],
    [['-u', '-u'], 'kept-out 2/2'],
    [['-f', '-f'], 'kept-out 2/2'],
    [['-', 'o '], 'mixed 1/2'],
    [['-', ' '], 'kept-out 1/1'],
    [['-', '-s'], 'kept-out 1/1'],
    [['-s', '-s'], 'unsupported 0/0'],
    [[' ', ' '], 'not-asked 0/0'],
    [['-', '-i'], 'not-proven 1/2'],
    [['-i', '-i'], 'not-proven 0/2'],
    [['oi', 'o'], 'not-kept-out 0/2'],
  ])('of %j is %s', (row, state) => {
    const rows = { none: ['o', 'o'], 'x-no-voicemail': ['o', 'o'], 'target-class-secondary': row };
    const asked = row.join('').trim() === '' ? [] : [state];
    expect(statesOf({ situations: VOICE_MAIL, rows }, 'target-class-secondary')).toEqual(asked);
  });

  it('never comes from situations in which nothing is diverted', () => {
    const { results } = answerRun({ situations: VOICE_MAIL, rows: { none: ['o', '-'], 'both-headers': ['o', '-'] } });
    const [first, second] = results.situations;
    if (first === undefined || second === undefined) throw new Error('two situations were asked for');
    const [block] = answersOf({ ...results, situations: [first, { ...second, kind: 'over-blocking' }] });
    expect(block?.inhibitors[0]?.answers.map(({ state, asked }) => [state, asked])).toEqual([['not-kept-out', 1]]);
  });

  it('is one for all spellings that the server treats alike, and only for those', () => {
    const rows = {
      none: ['o', 'o'],
      'target-class-secondary': ['-', '-'],
      'target-class-secondary-lowercase-name': ['-', '-'],
      'target-class-secondary-folded': ['-', 'o'],
      'sensitivity-private': ['-', '-'],
    };
    const [block] = answersOf(answerRun({ situations: VOICE_MAIL, rows }).results);
    expect(block?.inhibitors.map(({ variant, alike }) => [variant.id, alike.map(({ id }) => id)])).toEqual([
      ['target-class-secondary', ['target-class-secondary-lowercase-name']],
      ['target-class-secondary-folded', []],
      ['sensitivity-private', []],
    ]);
  });
});

describe('the sentence of a policy', () => {
  it.each<[string, AnswerRun, string]>([
    [
      'one header that works everywhere, one that does not',
      { situations: SIX, rows: { none: NONE, 'target-class-secondary': ALL, 'sensitivity-private': NONE } },
      'ms-sipre Ms-Target-Class: secondary keeps a call out of all six features. Ms-Sensitivity: private does not.',
    ],
    [
      'one of some features',
      { situations: SIX, rows: { none: NONE, 'target-class-secondary': ['-', '-', 'o', '-', '-', 'o', '-'] } },
      'ms-sipre Ms-Target-Class: secondary keeps a call out of voice mail, simultaneous ring, team ring and missed-call notifications.',
    ],
    [
      'one that works in some situations only',
      { situations: VOICE_MAIL, rows: { none: ['o', 'o'], 'target-class-secondary': ['-', 'o'] } },
      'ms-sipre No header is proven to keep a call out of a whole feature. Ms-Target-Class: secondary keeps it out of some.',
    ],
    [
      'none that works',
      { policy: 'plain', situations: VOICE_MAIL, rows: { none: ['o', 'o'], 'sensitivity-private': ['o', 'o'] } },
      'plain No header keeps a call out of anything: Ms-Sensitivity: private does not.',
    ],
    [
      'none that works, on a server that has one feature of two',
      {
        policy: 'plain',
        situations: { 'voicemail-busy': 'voicemail', 'team-ring': 'team-ring' },
        rows: { none: ['o', 'os'], 'sensitivity-private': ['o', 'os'], 'target-class-secondary': ['o', 'os'] },
      },
      'plain No header keeps a call out of voice mail, which is all that was asked here: Ms-Target-Class: secondary and Ms-Sensitivity: private do not.',
    ],
    [
      'one that works and one that does not, on a server that has one feature of two',
      {
        situations: { 'voicemail-busy': 'voicemail', 'team-ring': 'team-ring' },
        rows: { none: ['o', 'os'], 'sensitivity-private': ['o', 'os'], 'target-class-secondary': ['-', 'os'] },
      },
      'ms-sipre Ms-Target-Class: secondary keeps a call out of voice mail. Ms-Sensitivity: private does not.',
    ],
    [
      'a server that has no feature that was asked for',
      {
        policy: 'plain',
        situations: { 'team-ring': 'team-ring' },
        rows: { none: ['os'], 'sensitivity-private': ['os'] },
      },
      'plain It has nothing that a call could be kept out of: no header can be seen to do anything.',
    ],
    [
      'nothing proven',
      { situations: VOICE_MAIL, rows: { none: ['oi', 'oi'], 'target-class-secondary': ['-i', '-i'] } },
      'ms-sipre No header is proven to keep a call out of a whole feature. 1 answer is not proven.',
    ],
    [
      'a run in which little is proven, without a rank among headers',
      {
        situations: SIX,
        rows: {
          none: NONE,
          'target-class-secondary': ['-i', '-i', '-i', '-i', '-i', '-i', '-'],
          'sensitivity-private-no-diversion': ['-', '-', '-i', '-i', '-i', '-i', '-'],
          'sensitivity-private': NONE,
        },
      },
      'ms-sipre Ms-Target-Class: secondary: proven for missed-call notifications; five not proven in this run. Ms-Sensitivity: private-no-diversion: proven for voice mail and missed-call notifications; four not proven in this run. Ms-Sensitivity: private keeps it out of nothing. 9 answers are not proven.',
    ],
    [
      'one that is settled beside one that is not',
      {
        situations: VOICE_MAIL_AND_TEAM,
        rows: { none: ['o', 'o'], 'target-class-secondary': ['-', 'o'], 'sensitivity-private': ['-i', '-'] },
      },
      'ms-sipre Ms-Target-Class: secondary keeps a call out of voice mail. Ms-Sensitivity: private: proven for team ring; one not proven in this run. 1 answer is not proven.',
    ],
    [
      'a header that only refuses the call',
      {
        situations: VOICE_MAIL,
        rows: { none: ['o', 'o'], 'target-class-secondary': ['-', '-'], 'sensitivity-invalid': ['x', 'x'] },
      },
      "ms-sipre Ms-Target-Class: secondary keeps a call out of voice mail. With Ms-Sensitivity: no-diversion the call is refused: the callee's own phone is not called either.",
    ],
    [
      'a header that silences the callee in one situation',
      { situations: VOICE_MAIL, rows: { none: ['o', 'o'], 'target-class-secondary': ['-', 'x'] } },
      "ms-sipre Ms-Target-Class: secondary keeps a call out of voice mail. With Ms-Target-Class: secondary the callee's own phone is not called in 1 of 2 situations.",
    ],
    [
      'a decoy that works',
      {
        situations: VOICE_MAIL,
        rows: { none: ['o', 'o'], 'target-class-secondary': ['-', '-'], 'x-no-voicemail': ['-', '-'] },
      },
      'ms-sipre Ms-Target-Class: secondary keeps a call out of voice mail. It also reacts to X-No-Voicemail: true, which no source describes.',
    ],
    [
      'decoys alone: they are what was asked about',
      {
        situations: VOICE_MAIL,
        rows: { none: ['o', 'o'], 'x-no-voicemail': ['o', 'o'], 'answer-mode-manual': ['-', '-'] },
      },
      "ms-sipre Answer-Mode: Manual: kept out of 1 of 1 feature; voice mail; 2 of 2 calls do not look like the control's. X-No-Voicemail: true: kept out of 0 of 1 feature; calls look exactly like the control's.",
    ],
    [
      'many decoys and nothing else',
      {
        situations: VOICE_MAIL,
        rows: {
          none: ['o', 'o'],
          'x-no-voicemail': ['-', 'o'],
          ...Object.fromEntries(DECOYS.map((id) => [id, ['o', 'o']])),
        },
      },
      'ms-sipre No header was tried of which a source says that it keeps a call out of anything. It also reacts to X-No-Voicemail: true, which no source describes.',
    ],
  ])('says so of %s', (_, run, sentence) => {
    expect(sentenceOf(run)).toBe(sentence);
  });

  it('has the table of decoys in sight where there is no other', () => {
    const fold = (rows: AnswerRun['rows']): string | undefined => {
      const { answer } = answerSections(answerRun({ situations: VOICE_MAIL, rows }).results, new PageParts(0));
      return /<details class="decoys"[^>]*>/.exec(answer.text)?.[0];
    };
    const decoy = { none: ['o', 'o'], 'x-no-voicemail': ['o', 'o'] };
    expect(fold(decoy)).toBe('<details class="decoys" open>');
    expect(fold({ ...decoy, 'target-class-secondary': ['-', '-'] })).toBe('<details class="decoys">');
  });

  it('is about what an application sends by itself, whatever that is', () => {
    const extra = [{ id: 'as-sent', title: 'as sent', kind: 'as-sent', headers: [] }];
    expect(sentenceOf({ situations: VOICE_MAIL, rows: { none: ['o', 'o'], 'as-sent': ['-', '-'] }, extra })).toBe(
      'ms-sipre as-sent keeps a call out of voice mail.',
    );
  });

  it.each<[string, Row, string]>([
    ['does nothing', NONE, "kept out of 0 of 6 features; calls look exactly like the control's."],
    [
      'works for some',
      ['-', '-', 'o', 'o', 'o', 'o', 'o'],
      "kept out of 1 of 6 features; voice mail; 2 of 7 calls do not look like the control's.",
    ],
    [
      'is not known in full',
      ['o', 'o', '-i', 'o', 'o', 'o', 'o'],
      "kept out of 0 of 6 features; 1 not proven in this run; calls look exactly like the control's. 1 answer is not proven.",
    ],
  ])('says of a header of the command line that it %s', (_, row, sentence) => {
    const extra = [{ id: 'header-x', title: 'x', kind: 'asked', headers: ['X-My-Header: yes'] }];
    expect(sentenceOf({ situations: SIX, rows: { none: NONE, 'header-x': row }, extra })).toBe(
      `ms-sipre X-My-Header: yes: ${sentence}`,
    );
  });

  it('names a few of many, and counts the rest', () => {
    const ids = Array.from({ length: 9 }, (_, index) => `x-${index}`);
    const extra = ids.map((id) => ({ id, title: id, kind: 'inhibitor', headers: [`${id.toUpperCase()}: yes`] }));
    const rows = Object.fromEntries([['none', ['o', 'o']], ...ids.map((id) => [id, ['-', '-']])]);
    expect(sentenceOf({ situations: VOICE_MAIL, rows, extra })).toBe(
      'ms-sipre X-0: yes, X-1: yes, X-2: yes and 6 more keep a call out of voice mail.',
    );
  });
});

describe('the table of a policy', () => {
  it('has every answer of the sample in words, and no word for what was not proven but that', () => {
    const { answer, policies } = answerSections(sample(), new PageParts(0));
    const section = answer.text + policies?.text;
    const text = plain(section.slice(section.indexOf('<details class="policy"')).replaceAll(/<\/(th|td|tr)>/g, '|'));
    expect(text).toContain('kept out');
    const proven = answersOf(sample()).flatMap(({ inhibitors, others }) => [...inhibitors, ...others]);
    const open = proven.flatMap(({ answers }) => answers).filter(({ state }) => state === 'not-proven').length;
    expect(text.match(/\? not proven/g)?.length).toBe(open);
    expect(open).toBeGreaterThan(0);
  });

  it('says that nothing was asked when no situation diverts', () => {
    const { results } = answerRun({ situations: VOICE_MAIL, rows: { none: ['o', 'o'] } });
    const other = results.situations.map((row) => ({ ...row, kind: 'over-blocking' }));
    expect(plain(answerSections({ ...results, situations: other }, new PageParts(0)).answer.text)).toContain(
      'No situation of this run diverts a call.',
    );
  });
});
