import { describe, expect, it } from 'vitest';
import { POLICIES, type Statement } from '../../harness/model/words.ts';
import { expectation } from '../../harness/oracle/index.ts';
import { scenarios, variants } from '../../scenarios/index.ts';
import { answerTo, line, scenarioOf, variantOf } from './cells.ts';

const KNOWING = POLICIES.filter((policy) => policy !== 'plain');

describe('controls', () => {
  it.each(POLICIES)('%s demands something of every situation without a header', (policy) => {
    for (const scenario of scenarios) {
      const expected = expectation(policy, scenario, variantOf('none'));
      expect(expected.outcome, scenario.id).toBe(scenario.kind === 'over-blocking' ? 'suppressed' : 'engaged');
      expect(expected.claims, scenario.id).not.toEqual([]);
    }
  });
});

describe('grounds', () => {
  it.each([
    ['voicemail-no-answer', ['ms-sipre-own-phones', 'ms-sipre-unanswered-voicemail']],
    ['voicemail-immediate', ['ms-sipre-forward-immediate']],
    ['voicemail-offline', ['lab-offline-goes-on', 'ms-sipre-unanswered-voicemail']],
    ['voicemail-declined', ['decline-603-goes-on', 'ms-sipre-unanswered-voicemail']],
    ['voicemail-do-not-disturb', ['help-do-not-disturb-voicemail']],
    [
      'missed-call-hangup-in-greeting',
      ['missed-call-in-greeting', 'ms-sipre-own-phones', 'ms-sipre-unanswered-voicemail'],
    ],
  ])('the control of %s rests on %s', (situation, grounds) => {
    const { claims } = expectation('ms-sipre', scenarioOf(situation), variantOf('none'));
    expect(claims.toSorted()).toEqual(grounds);
  });

  it('an unusual spelling rests on the rules of spelling too', () => {
    expect(claimsOf('target-class-secondary')).toEqual([
      'blog-target-class-forwarding',
      'rgs-no-forwarding',
      'rgs-own-phone-rings',
      'ms-sipre-own-phones',
    ]);
    expect(claimsOf('target-class-secondary-folded')).toContain('rfc3261-folding');
    expect(claimsOf('target-class-secondary-padded')).toContain('rfc3261-blanks');
    expect(claimsOf('sensitivity-mixed-case')).toContain('rfc3261-case-insensitive');
  });
});

describe('policies differ where their sources do', () => {
  const demands = (policy: Statement): string =>
    scenarios
      .flatMap((scenario) => variants.map((row) => expectation(policy, scenario, row)))
      .map(({ outcome, callee, statuses }) => [outcome, callee, ...statuses].join(' '))
      .join('; ');

  it('no two of them demand the same in every cell of the default matrix', () => {
    expect(new Set(POLICIES.map(demands)).size).toBe(POLICIES.length);
  });

  it('rgs-2009: a callee whose calls ring delegates only gets no secondary call; nobody else says so', () => {
    const [situation, row] = ['delegates-only', 'target-class-secondary'] as const;
    expect(line('rgs-2009', situation, row)).toBe('suppressed silent');
    for (const policy of KNOWING.filter((each) => each !== 'rgs-2009')) {
      expect(line(policy, situation, row), policy).toBe('suppressed unspecified');
    }
    expect(line('plain', situation, row)).toBe('engaged silent');
  });

  it('blog-2012: private-no-diversion alone prevents nothing, target-class secondary everything', () => {
    for (const situation of ['voicemail-no-answer', 'forward-no-answer', 'team-ring']) {
      expect(line('blog-2012', situation, 'sensitivity-private-no-diversion')).toBe('engaged rings');
      expect(line('blog-2012', situation, 'target-class-secondary')).toBe('suppressed rings');
    }
    expect(line('blog-2012', 'missed-call-hangup-in-greeting', 'sensitivity-private-no-diversion')).toBe(
      'engaged rings',
    );
    expect(line('blog-2012', 'missed-call-hangup-in-greeting', 'target-class-secondary')).toBe('suppressed rings');
  });

  it('blog-2012: what the author did not try is unspecified', () => {
    expect(line('blog-2012', 'voicemail-no-answer', 'sensitivity-normal-no-diversion')).toBe('unspecified rings');
    expect(line('blog-2012', 'delegate-ring', 'sensitivity-private-no-diversion')).toBe('unspecified rings');
  });

  it('comment-2013: every unanswered call under private-no-diversion ends with 480', () => {
    for (const situation of ['voicemail-no-answer', 'forward-no-answer', 'team-ring']) {
      expect(line('comment-2013', situation, 'sensitivity-mixed-case')).toBe('suppressed rings 480');
    }
    expect(line('ms-sipre', 'team-ring', 'sensitivity-mixed-case')).toBe('suppressed rings');
  });

  it('480 belongs to the comment: no other source names what ends an undiverted call', () => {
    for (const policy of POLICIES.filter((each) => each !== 'comment-2013' && each !== 'plain')) {
      expect(line(policy, 'voicemail-no-answer', 'sensitivity-private-no-diversion')).not.toContain('480');
    }
  });

  it('ucma-doc: private blocks the team, normal-no-diversion leaves it on', () => {
    expect(line('ucma-doc', 'team-ring', 'sensitivity-private')).toBe('suppressed rings');
    expect(line('ucma-doc', 'voicemail-no-answer', 'sensitivity-private')).toBe('engaged rings');
    expect(line('ucma-doc', 'delegate-ring', 'sensitivity-private')).toBe('unspecified rings');
    expect(line('ucma-doc', 'team-ring', 'sensitivity-normal-no-diversion')).toBe('engaged rings');
    expect(line('ucma-doc', 'voicemail-no-answer', 'sensitivity-normal-no-diversion')).toBe('suppressed rings');
    expect(line('ucma-doc', 'team-ring', 'sensitivity-private-no-diversion')).toBe('suppressed rings');
  });

  it('rgs-2009: under secondary the caller decides how long it rings', () => {
    expect(line('rgs-2009', 'voicemail-no-answer', 'target-class-secondary')).toBe('suppressed rings 487');
    expect(line('ms-sipre', 'voicemail-no-answer', 'target-class-secondary')).toBe('suppressed rings');
  });
});

describe('headers that nobody describes', () => {
  it.each(['x-no-voicemail', 'request-disposition-no-redirect', 'answer-mode-manual', 'reject-contact-automata'])(
    '%s changes nothing on any policy',
    (variant) => {
      for (const policy of POLICIES) {
        for (const { id } of scenarios)
          expect(line(policy, id, variant), `${policy} ${id}`).toBe(line(policy, id, 'none'));
      }
    },
  );

  it.each(['target-class-primary', 'target-class-unknown'])('%s: only the phone is sure to ring', (variant) => {
    for (const policy of KNOWING) {
      expect(line(policy, 'voicemail-no-answer', variant)).toBe('unspecified rings');
      expect(line(policy, 'answered-by-callee', variant)).toBe('suppressed answers 200');
    }
  });

  it.each(['request-disposition-no-fork', 'priority-psap-callback'])(
    '%s: a standard lets it stop diversions, so nobody fails either way; but the phone rings',
    (variant) => {
      for (const policy of KNOWING) {
        expect(line(policy, 'forward-no-answer', variant)).toBe('unspecified rings');
        expect(line(policy, 'answered-by-callee', variant)).toBe('suppressed answers 200');
        expect(line(policy, 'missed-call-hangup-while-ringing', variant)).toBe('engaged rings 487');
      }
    },
  );

  it.each([
    'Require: 100rel',
    'Request-Disposition: redirect',
    'Answer-Mode: Auto',
    'Diversion: <sip:bob@example.test>;limit=1',
    'History-Info: <sip:bob@example.test>;index=1',
    'd: queue',
  ])('demands nothing of a call with "%s", which some standard gives a meaning for routing', (header) => {
    const nothing = { outcome: 'unspecified', callee: 'unspecified', statuses: [] };
    expect(answerTo('ms-sipre', scenarioOf('voicemail-no-answer'), header)).toEqual(nothing);
    expect(expectation('ms-sipre', scenarioOf('voicemail-no-answer'), { headers: [header] }).claims).toEqual([]);
  });
});

describe('a server of RFC 3261 alone', () => {
  it.each(['Max-Forwards: 0', 'Require: no-such-extension', 'Proxy-Require: x'])('may refuse "%s"', (header) => {
    expect(answerTo('plain', scenarioOf('voicemail-no-answer'), header).outcome).toBe('unspecified');
  });

  it.each(['Answer-Mode: Auto', 'X-Max-Forwards: 0'])('ignores "%s"', (header) => {
    expect(answerTo('plain', scenarioOf('voicemail-no-answer'), header).outcome).toBe('engaged');
  });
});

describe('how much is left open', () => {
  it.each(POLICIES)('%s: an open cell is rare, and none is without its reason', (policy) => {
    const cells = scenarios.flatMap((scenario) =>
      variants.map((variant) => ({ variant, expected: expectation(policy, scenario, variant) })),
    );
    const open = cells.filter(({ expected }) => expected.outcome === 'unspecified');
    expect(new Set(open.map(({ variant }) => variant.kind))).not.toContain('control');
    expect(open.length).toBeLessThan(cells.length / 3);
  });
});

function claimsOf(variant: string): readonly string[] {
  return expectation('ms-sipre', scenarioOf('forward-no-answer'), variantOf(variant)).claims;
}
