/**
 * The four transaction machines of RFC 3261 17 with the corrections of RFC 6026: state × input → [next state, action].
 * What is not in a row changes nothing.
 *
 * Actions: `send` puts the message just given on the wire, `resend` the last one again, `passUp` hands the message to the
 * user of the transaction, `ack` sends the ACK of a non-2xx final response, `timeout` and `fail` tell the user that there
 * will be no answer, `none` takes the message in silence.
 */
export type Action = 'send' | 'resend' | 'passUp' | 'ack' | 'ackAndPassUp' | 'timeout' | 'fail' | 'none';
export type TimerName = 'A' | 'B' | 'D' | 'E' | 'F' | 'G' | 'H' | 'I' | 'J' | 'K' | 'L' | 'M';
export type State = 'calling' | 'trying' | 'proceeding' | 'accepted' | 'completed' | 'confirmed' | 'terminated';
export type Input =
  | 'request'
  | 'ack'
  | 'send1xx'
  | 'send2xx'
  | 'send3to6xx'
  | 'receive1xx'
  | 'receive2xx'
  | 'receive3to6xx'
  | 'transportError'
  | `timer${TimerName}`;
export type TransactionTable = Partial<Record<State, Partial<Record<Input, readonly [State, Action]>>>>;

/** RFC 3261 17.1.1, `accepted` and the way there from RFC 6026 7.2. */
export const inviteClient = {
  calling: {
    timerA: ['calling', 'resend'],
    timerB: ['terminated', 'timeout'],
    transportError: ['terminated', 'fail'],
    receive1xx: ['proceeding', 'passUp'],
    receive2xx: ['accepted', 'passUp'],
    receive3to6xx: ['completed', 'ackAndPassUp'],
  },
  proceeding: {
    receive1xx: ['proceeding', 'passUp'],
    receive2xx: ['accepted', 'passUp'],
    receive3to6xx: ['completed', 'ackAndPassUp'],
  },
  accepted: {
    receive2xx: ['accepted', 'passUp'],
    timerM: ['terminated', 'none'],
  },
  completed: {
    receive3to6xx: ['completed', 'ack'],
    transportError: ['terminated', 'none'], // of the ACK: the user has its final response already
    timerD: ['terminated', 'none'],
  },
} as const satisfies TransactionTable;

/** RFC 3261 17.1.2. */
export const nonInviteClient = {
  trying: {
    timerE: ['trying', 'resend'],
    timerF: ['terminated', 'timeout'],
    transportError: ['terminated', 'fail'],
    receive1xx: ['proceeding', 'passUp'],
    receive2xx: ['completed', 'passUp'],
    receive3to6xx: ['completed', 'passUp'],
  },
  proceeding: {
    timerE: ['proceeding', 'resend'],
    timerF: ['terminated', 'timeout'],
    transportError: ['terminated', 'fail'],
    receive1xx: ['proceeding', 'passUp'],
    receive2xx: ['completed', 'passUp'],
    receive3to6xx: ['completed', 'passUp'],
  },
  completed: {
    timerK: ['terminated', 'none'],
  },
} as const satisfies TransactionTable;

/** RFC 3261 17.2.1, `accepted` from RFC 6026 7.1. The user of the transaction repeats its 2xx (RFC 3261 13.3.1.4). */
export const inviteServer = {
  proceeding: {
    request: ['proceeding', 'resend'],
    send1xx: ['proceeding', 'send'],
    send2xx: ['accepted', 'send'],
    send3to6xx: ['completed', 'send'],
  },
  accepted: {
    request: ['accepted', 'none'],
    send2xx: ['accepted', 'send'],
    ack: ['accepted', 'passUp'],
    timerL: ['terminated', 'none'],
  },
  completed: {
    request: ['completed', 'resend'],
    timerG: ['completed', 'resend'],
    ack: ['confirmed', 'none'],
    timerH: ['terminated', 'timeout'],
  },
  confirmed: {
    ack: ['confirmed', 'none'],
    timerI: ['terminated', 'none'],
  },
} as const satisfies TransactionTable;

/** RFC 3261 17.2.2. */
export const nonInviteServer = {
  trying: {
    request: ['trying', 'none'],
    send1xx: ['proceeding', 'send'],
    send2xx: ['completed', 'send'],
    send3to6xx: ['completed', 'send'],
  },
  proceeding: {
    request: ['proceeding', 'resend'],
    send1xx: ['proceeding', 'send'],
    send2xx: ['completed', 'send'],
    send3to6xx: ['completed', 'send'],
  },
  completed: {
    request: ['completed', 'resend'],
    timerJ: ['terminated', 'none'],
  },
} as const satisfies TransactionTable;

/** Timers that run in a state. Those of retransmissions begin again by themselves. */
export const timersIn = {
  inviteClient: { calling: ['A', 'B'], accepted: ['M'], completed: ['D'] },
  nonInviteClient: { trying: ['E', 'F'], proceeding: ['E', 'F'], completed: ['K'] },
  inviteServer: { accepted: ['L'], completed: ['G', 'H'], confirmed: ['I'] },
  nonInviteServer: { completed: ['J'] },
} as const satisfies Record<string, Partial<Record<State, readonly TimerName[]>>>;
