import { type KnowingPolicy, type Reading, reading, refusedWith } from './reading.ts';
import { asControl, OPEN, saying } from './saying.ts';

const VALUES = ['normal', 'private', 'normal-no-diversion', 'private-no-diversion'] as const;
type Sensitivity = (typeof VALUES)[number];

/**
 * `Ms-Sensitivity`, all its fields on one request. MS-SIPRE is the base of every policy; what a policy's own source
 * says goes on top, and where the two contradict each other on something that the source leaves out, nobody is failed.
 */
export function readSensitivity(policy: KnowingPolicy, values: readonly string[]): Reading {
  const [text] = values;
  if (text === undefined) return reading(asControl());
  if (values.length > 1) return refusedWith(400, 'ms-sipre-repeated-400');
  const value = VALUES.find((each) => each === text.toLowerCase());
  if (value === undefined) return refusedWith(400, 'ms-sipre-invalid-400');
  const { [value]: own } = OVERLAYS[policy];
  return own ?? MS_SIPRE[value];
}

const ringsOwnPhones = asControl('ms-sipre-no-diversion-own-phones');
const mustRingSimultaneously = saying('engaged' as const, 'ms-sipre-no-diversion-simultaneous-ring');

interface NoDiversion {
  /** Claims of the policy's own source, beside the specification's. */
  readonly voicemailAndForwarding?: string;
  readonly team?: 'as-control';
  readonly teamClaim?: string;
  /** Who says that an unanswered call ends with 480, with a team or without. The specification names no status. */
  readonly unanswered480?: string;
}

/** MS-SIPRE 3.9.5.2.1; delegates and missed calls are left out by every source. */
function noDiversion(own: NoDiversion = {}): Reading {
  const also = own.voicemailAndForwarding === undefined ? [] : [own.voicemailAndForwarding];
  const alsoTeam = own.teamClaim === undefined ? [] : [own.teamClaim];
  return reading(OPEN, {
    features: {
      voicemail: saying('suppressed', 'ms-sipre-no-diversion-voicemail', ...also),
      'forward-target': saying('suppressed', 'ms-sipre-no-diversion-forwarding', ...also),
      team:
        own.team === 'as-control'
          ? asControl(...alsoTeam)
          : saying('suppressed', 'ms-sipre-no-diversion-team', ...alsoTeam),
      'simultaneous-ring': mustRingSimultaneously,
    },
    callee: {
      ringing: ringsOwnPhones,
      immediate: saying('silent', 'ms-sipre-no-diversion-immediate-fails'),
    },
    unanswered:
      own.unanswered480 === undefined
        ? {}
        : { alone: saying([480], own.unanswered480), team: saying([480], own.unanswered480) },
  });
}

const MS_SIPRE: Readonly<Record<Sensitivity, Reading>> = {
  normal: reading(asControl('ms-sipre-normal')),
  private: reading(asControl('ms-sipre-private-is-normal')),
  'normal-no-diversion': noDiversion(),
  'private-no-diversion': noDiversion(),
};

const OVERLAYS: Readonly<Record<KnowingPolicy, Partial<Record<Sensitivity, Reading>>>> = {
  'ms-sipre': {},
  'rgs-2009': {},
  'blog-2012': {
    // The author tried only `private-no-diversion`. For its sibling he is silent and the specification, which calls
    // the two alike, is the one he contradicts.
    'normal-no-diversion': reading(OPEN, {
      features: { 'simultaneous-ring': mustRingSimultaneously },
      callee: { ringing: ringsOwnPhones },
    }),
    'private-no-diversion': reading(OPEN, {
      features: {
        voicemail: asControl('blog-sensitivity-alone-voicemail'),
        'forward-target': asControl('blog-sensitivity-alone-forwarding'),
        team: asControl('blog-sensitivity-alone-team'),
        'simultaneous-ring': mustRingSimultaneously,
      },
      askedForVoicemail: asControl('blog-sensitivity-alone-voicemail'),
      callee: {
        ringing: ringsOwnPhones,
        immediate: asControl('blog-sensitivity-alone-forwarding'),
        doNotDisturb: asControl('blog-sensitivity-alone-voicemail'),
      },
    }),
  },
  'comment-2013': {
    'private-no-diversion': noDiversion({
      voicemailAndForwarding: 'comment-never-diverted',
      unanswered480: 'comment-no-diversion-480',
    }),
  },
  'ucma-doc': {
    // "Team ringing and the like": what is like it (delegates, simultaneous ring) is anybody's guess.
    private: reading(asControl('ms-sipre-private-is-normal'), {
      features: { team: saying('suppressed', 'ucma-private-team-ring'), delegate: OPEN, 'simultaneous-ring': OPEN },
      unanswered: { team: OPEN, delegates: OPEN, 'simultaneous-ring': OPEN },
    }),
    'normal-no-diversion': noDiversion({
      voicemailAndForwarding: 'ucma-normal-no-diversion',
      team: 'as-control',
      teamClaim: 'ucma-normal-no-diversion',
    }),
    'private-no-diversion': noDiversion({
      voicemailAndForwarding: 'ucma-private-no-diversion',
      teamClaim: 'ucma-private-no-diversion',
    }),
  },
};
