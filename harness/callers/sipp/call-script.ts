import type { CallPlan } from '../caller.ts';

/**
 * SIPp matches a response by number only (regular expressions came with 3.7.5), so every final response that a server
 * may send to an INVITE is named. IANA "SIP Response Codes", 300 to 699.
 */
const FAILURES = [
  300, 301, 302, 305, 380, 400, 401, 402, 403, 404, 405, 406, 407, 408, 410, 412, 413, 414, 415, 416, 417, 420, 421,
  422, 423, 424, 425, 428, 429, 430, 433, 436, 437, 438, 439, 440, 469, 470, 478, 480, 481, 482, 483, 484, 485, 486,
  487, 488, 489, 491, 493, 494, 500, 501, 502, 503, 504, 505, 513, 555, 580, 600, 603, 604, 605, 606, 607, 608,
];
const PROVISIONALS = [100, 180, 181, 182, 183, 199];
/** Never sent by anybody. SIPp wants a block of optional receives to end with one that is not. */
const NEVER = 699;

/** Labels of one attempt; those of a second are {@link SECOND} higher. */
const WAIT = 1;
const RINGING = 2;
const ANSWERED = 3;
const FAILED = 4;
const GIVE_UP = 5;
const CANCELLED = 6;
const TERMINATING = 7;
const OVERTAKEN = 8;
const END = 9;
const TRYING = 10;
const TERMINATED = 11;
const TERMINATED_ACK = 12;
const SECOND = 20;
const CHALLENGED = 40;

/** RFC 3261 22.2, 22.3. */
const CHALLENGES = [401, 407];

/** How long the 200 to a CANCEL is waited for once the INVITE has its final response; it is answered at once. */
const CANCEL_ANSWER_MS = 2000;

/** Of this response, whatever comes afterwards: SIPp's own keyword is of the last one, the 200 to a CANCEL perhaps. */
const KEEP_TAG = '<assignstr assign_to="tag" value="[peer_tag_param]"/>';
/** A header field's name has more than one spelling; [:cntrl:] is what ends a line. */
const IS_TO_CANCEL =
  '<ereg regexp="[[:cntrl:]][Cc][Ss][Ee][Qq][[:blank:]]*:[^[:cntrl:]]*CANCEL" search_in="msg" assign_to="isToCancel"/>';

/** An INVITE and all that comes of it: the first, or the one with credentials after a challenge. */
interface Attempt {
  /** Added to every label but {@link END}. */
  readonly labels: number;
  readonly cseq: number;
  /** SIPp's names of transactions end with it. They are of a letter each: several hundred lines have one. */
  readonly name: string;
  /** Last letters of its branches: INVITE, ACK to 2xx, BYE. */
  readonly branches: readonly [invite: string, ack: string, bye: string];
  /** Where a challenge leads; null: it is a refusal like any other. */
  readonly challenged: number | null;
}

/**
 * The SIPp XML of a caller. Injection fields: 0 callee, 1 domain, 2 file with the variant's header lines; where it answers
 * challenges, 3 the keyword with user name and password (3.6.1 takes no fields within it).
 *
 * A receive time-out must stand on the first receive of its block and starts anew with each provisional (SIPp 3.6.1).
 * Header lines come from a file because `;` cannot be escaped in an injection file; the file is never empty, because
 * an empty line would end the header section. A script has 64 KiB at most (3.6.1).
 */
export function callScript(script: CallPlan, { answersChallenge }: { readonly answersChallenge: boolean }): string {
  const first: Attempt = {
    labels: 0,
    cseq: 1,
    name: '',
    branches: ['i', 'a', 'b'],
    challenged: answersChallenge ? CHALLENGED : null,
  };
  const second: Attempt = { labels: SECOND, cseq: 2, name: '2', branches: ['j', 'c', 'd'], challenged: null };
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE scenario SYSTEM "sipp.dtd">
<scenario name="${script.caller} caller">
${attempt(script, first)}
${answersChallenge ? `${challenge(script, first)}\n${attempt(script, second)}\n` : ''}${label(END)}
</scenario>
`;
}

function attempt(script: CallPlan, own: Attempt): string {
  const { labels, cseq, name, branches, challenged } = own;
  const hangsUpWhileRinging = script.caller === 'hang-up-while-ringing';
  const [inviteBranch, ackBranch, byeBranch] = branches.map(
    (letter) => `z9hG4bK-${script.token}-[call_number]-${letter}`,
  ) as [string, string, string];
  const request = requestOf(script, cseq, inviteBranch);
  const { from } = request;
  const at = (id: number): number => labels + id;
  const block = { at, name, challenged };
  return `${send(invite(request), `retrans="500" start_txn="i${name}"`)}
${label(at(TRYING))}
${receiveFinal({ ...block, ringing: hangsUpWhileRinging ? RINGING : WAIT, progress: WAIT, timeoutMs: null })}
${label(at(WAIT))}
${receiveFinal({ ...block, ringing: hangsUpWhileRinging ? RINGING : WAIT, progress: WAIT, timeoutMs: script.patienceMs })}
${label(at(RINGING))}
${receiveFinal({ ...block, ringing: RINGING, progress: RINGING, timeoutMs: script.hangUpAfterRingingMs })}
${label(at(ANSWERED))}
${send(inDialog('ACK', { from, cseq, branch: ackBranch }), `ack_txn="i${name}"`)}
${script.speaks === true ? SPEAK : ''}${script.caller === 'hang-up-in-greeting' ? '' : `  <pause milliseconds="${script.talkMs}"/>\n`}${send(inDialog('BYE', { from, cseq: cseq + 1, branch: byeBranch }), `retrans="500" start_txn="b${name}"`)}
  <recv response="200" response_txn="b${name}" next="${END}"/>
${label(at(FAILED))}
${send(ackFailure(request, '[peer_tag_param]'), `ack_txn="i${name}" next="${END}"`)}
${label(at(GIVE_UP))}
${send(cancel(request, script.cancelLines), `retrans="500" start_txn="c${name}"`)}
${label(at(CANCELLED))}
${receive(block, 487, TERMINATED, { actions: KEEP_TAG })}
${receiveAfterCancel(block, CANCELLED, OVERTAKEN)}
  <recv response="200" response_txn="c${name}" next="${at(TERMINATING)}" test="isToCancel" rrs="true"><action>${KEEP_TAG}${IS_TO_CANCEL}</action></recv>
${receiveCancelAnswer(block, ANSWERED)}
${label(at(TERMINATING))}
${receiveAnswer(block)}
${receive(block, 487, FAILED)}
${receiveAfterCancel(block, TERMINATING, FAILED)}
  <recv response="${NEVER}" response_txn="i${name}"/>
${label(at(OVERTAKEN))}
${receiveCancelAnswer(block, FAILED)}
${label(at(TERMINATED))}
${receiveCancelAnswer(block, TERMINATED_ACK)}
${label(at(TERMINATED_ACK))}
${send(ackFailure(request, '[$tag]'), `ack_txn="i${name}" next="${END}"`)}`;
}

/** The challenge is acknowledged; what follows is the second attempt. */
function challenge(script: CallPlan, { cseq, name, branches: [branch] }: Attempt): string {
  const request = requestOf(script, cseq, `z9hG4bK-${script.token}-[call_number]-${branch}`);
  return `${label(CHALLENGED)}
${send(ackFailure(request, '[peer_tag_param]'), `ack_txn="i${name}"`)}`;
}

/** Of what it says in an answered call: bytes as they go into RTP with PCMU, again and again. */
export const SPEECH_FILE = 'speech.ulaw';
const SPEAK = `  <nop><action><exec rtp_stream="${SPEECH_FILE},-1,0"/></action></nop>\n`;

interface Block extends Pick<Attempt, 'name' | 'challenged'> {
  at(id: number): number;
}

interface FinalBlock extends Block {
  readonly ringing: number;
  readonly progress: number;
  /**
   * Null: for as long as nothing has come. No CANCEL may be sent before a provisional (RFC 3261 9.1), and over UDP SIPp
   * 3.6.1 would not: it would send the INVITE again and again, whatever came.
   */
  readonly timeoutMs: number | null;
}

function receiveFinal(block: FinalBlock): string {
  const { ringing, progress, timeoutMs, challenged, name, at } = block;
  return [
    receive(block, 100, progress, {
      attributes: timeoutMs === null ? '' : ` timeout="${timeoutMs}" ontimeout="${at(GIVE_UP)}"`,
    }),
    ...PROVISIONALS.slice(1).map((status) => receive(block, status, status === 180 ? ringing : progress)),
    receiveAnswer(block),
    ...FAILURES.map((status) =>
      challenged !== null && CHALLENGES.includes(status)
        ? `  <recv response="${status}" response_txn="i${name}" optional="true" next="${challenged}" auth="true"/>`
        : receive(block, status, FAILED),
    ),
    `  <recv response="${NEVER}" response_txn="i${name}"/>`,
  ].join('\n');
}

/**
 * What ends the INVITE and the 200 to the CANCEL come in any order (RFC 3261 9.2), over TCP in one read. SIPp 3.6.1 tells
 * transactions apart by branch alone, and a CANCEL has its INVITE's. So each order has a block of its own: a 200 to the
 * CANCEL that came while the ACK was not out yet would be taken for the INVITE's, and SIPp aborts with all its calls.
 *
 * Neither the INVITE's 200 among it nor its 487, of which a 200 to the CANCEL that comes afterwards must not change the To tag. Of
 * others it may: all of them would not fit into the script, and they are acknowledged to the proxy, which goes by the branch
 * (RFC 3261 17.2.3).
 */
function receiveAfterCancel(block: Block, progress: number, final: number): string {
  return [
    ...PROVISIONALS.map((status) => receive(block, status, progress)),
    ...FAILURES.filter((status) => status !== 487).map((status) => receive(block, status, final)),
  ].join('\n');
}

/** The 200 to a CANCEL whose INVITE has its final response already. */
function receiveCancelAnswer({ at, name }: Block, next: number): string {
  return `  <recv response="200" response_txn="c${name}" timeout="${CANCEL_ANSWER_MS}" ontimeout="${at(next)}" next="${at(next)}"/>`;
}

function receiveAnswer(block: Block): string {
  return receive(block, 200, ANSWERED, { attributes: ' rrs="true"', actions: KEEP_TAG });
}

function receive({ at, name }: Block, status: number, next: number, { attributes = '', actions = '' } = {}): string {
  const recv = `<recv response="${status}" response_txn="i${name}" optional="true" next="${at(next)}"${attributes}`;
  return actions === '' ? `${recv}/>` : `${recv}><action>${actions}</action></recv>`;
}

function label(id: number): string {
  return `  <label id="${id}"/>`;
}

function send(message: string, attributes: string): string {
  return `  <send ${attributes}><![CDATA[\n\n${message}\n  ]]></send>`;
}

/** Nobody of the matrix. */
const CUSTOMER = 'sip:customer@outside.test';

interface Request {
  readonly from: string;
  readonly requestUri: string;
  readonly branch: string;
  readonly cseq: number;
  readonly speaks: boolean;
}

function requestOf(
  { from = CUSTOMER, uriParameters, speaks = false }: CallPlan,
  cseq: number,
  branch: string,
): Request {
  return { from, requestUri: `sip:[field0]@[field1]${uriParameters}`, cseq, branch, speaks };
}

function invite({ from, requestUri, branch, cseq, speaks }: Request): string {
  return `INVITE ${requestUri} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=${branch}
From: "Customer" <${from}>;tag=[pid]c[call_number]
To: <sip:[field0]@[field1]>
Call-ID: [call_id]
CSeq: ${cseq} INVITE
${cseq === 1 ? '' : '[field3]\n'}Contact: <sip:customer@[local_ip]:[local_port];transport=[transport]>
[file name="[field2]"]
Allow: INVITE, ACK, CANCEL, BYE
Content-Type: application/sdp
Content-Length: [len]

v=0
o=customer 1 1 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio ${speaks ? '[rtpstream_audio_port]' : '9'} RTP/AVP 0
a=rtpmap:0 PCMU/8000
`;
}

function inDialog(method: 'ACK' | 'BYE', { from, branch, cseq }: Omit<Request, 'requestUri' | 'speaks'>): string {
  return `${method} [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=${branch}
[routes]
Max-Forwards: 70
From: "Customer" <${from}>;tag=[pid]c[call_number]
To: <sip:[field0]@[field1]>[$tag]
Call-ID: [call_id]
CSeq: ${cseq} ${method}
Content-Length: 0
`;
}

function ackFailure(request: Request, toTag: string): string {
  return outOfDialog('ACK', request, toTag);
}

function cancel(request: Request, lines: readonly string[] = []): string {
  const plain = outOfDialog('CANCEL', request, '');
  return lines.length === 0 ? plain : plain.replace('Content-Length:', () => `${lines.join('\n')}\nContent-Length:`);
}

function outOfDialog(method: 'ACK' | 'CANCEL', { from, requestUri, branch, cseq }: Request, toTag: string): string {
  return `${method} ${requestUri} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=${branch}
Max-Forwards: 70
From: "Customer" <${from}>;tag=[pid]c[call_number]
To: <sip:[field0]@[field1]>${toTag}
Call-ID: [call_id]
CSeq: ${cseq} ${method}
Content-Length: 0
`;
}
