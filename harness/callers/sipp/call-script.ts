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

const WAIT = 1;
const RINGING = 2;
const ANSWERED = 3;
const FAILED = 4;
const GIVE_UP = 5;
const CANCELLED = 6;
const TERMINATING = 7;
const OVERTAKEN = 8;
const END = 9;

/** How long the 200 to a CANCEL is waited for once the INVITE has its final response; it is answered at once. */
const CANCEL_ANSWER_MS = 2000;

/**
 * The SIPp XML of a caller. Injection fields: 0 callee, 1 domain, 2 file with the variant's header lines.
 *
 * A receive time-out must stand on the first receive of its block and starts anew with each provisional (SIPp 3.6.1).
 * Header lines come from a file because `;` cannot be escaped in an injection file; the file is never empty, because
 * an empty line would end the header section.
 */
export function callScript(script: CallPlan): string {
  const hangsUpWhileRinging = script.caller === 'hang-up-while-ringing';
  const requestUri = `sip:[field0]@[field1]${script.uriParameters}`;
  const transaction = `z9hG4bK-${script.token}-[call_number]`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE scenario SYSTEM "sipp.dtd">
<scenario name="${script.caller} caller">
${send(invite(requestUri, `${transaction}-i`), 'retrans="500" start_txn="invite"')}
${label(WAIT)}
${receiveFinal({ ringing: hangsUpWhileRinging ? RINGING : WAIT, progress: WAIT, timeoutMs: script.patienceMs })}
${label(RINGING)}
${receiveFinal({ ringing: RINGING, progress: RINGING, timeoutMs: script.hangUpAfterRingingMs })}
${label(ANSWERED)}
${send(inDialog('ACK', 1, `${transaction}-a`), 'ack_txn="invite"')}
${script.caller === 'hang-up-in-greeting' ? '' : `  <pause milliseconds="${script.talkMs}"/>\n`}${send(inDialog('BYE', 2, `${transaction}-b`), 'retrans="500" start_txn="bye"')}
  <recv response="200" response_txn="bye" next="${END}"/>
${label(FAILED)}
${send(ackFailure(requestUri, `${transaction}-i`), `ack_txn="invite" next="${END}"`)}
${label(GIVE_UP)}
${send(cancel(requestUri, `${transaction}-i`), 'retrans="500" start_txn="cancel"')}
${label(CANCELLED)}
  <recv response="200" response_txn="cancel" optional="true" next="${TERMINATING}" rrs="true"/>
${receiveAfterCancel(CANCELLED, OVERTAKEN)}
${label(TERMINATING)}
${receive(200, ANSWERED, 'rrs="true"')}
${receiveAfterCancel(TERMINATING, FAILED)}
${label(OVERTAKEN)}
  <recv response="200" response_txn="cancel" timeout="${CANCEL_ANSWER_MS}" ontimeout="${FAILED}" next="${FAILED}"/>
${label(END)}
</scenario>
`;
}

interface FinalBlock {
  readonly ringing: number;
  readonly progress: number;
  readonly timeoutMs: number;
}

function receiveFinal({ ringing, progress, timeoutMs }: FinalBlock): string {
  return [
    receive(100, progress, `timeout="${timeoutMs}" ontimeout="${GIVE_UP}"`),
    ...PROVISIONALS.slice(1).map((status) => receive(status, status === 180 ? ringing : progress)),
    receive(200, ANSWERED, 'rrs="true"'),
    ...FAILURES.map((status) => receive(status, FAILED)),
    `  <recv response="${NEVER}" response_txn="invite"/>`,
  ].join('\n');
}

/**
 * The 487 to the INVITE and the 200 to the CANCEL come in any order (RFC 3261 9.2), over TCP in one read. SIPp 3.6.1 tells
 * transactions apart by branch alone, and a CANCEL has its INVITE's. So each order has a block of its own: a 200 to the
 * CANCEL that came while the ACK was not out yet would be taken for the INVITE's, and SIPp aborts with all its calls.
 */
function receiveAfterCancel(progress: number, final: number): string {
  return [
    ...PROVISIONALS.map((status) => receive(status, progress)),
    ...FAILURES.map((status) => receive(status, final)),
    `  <recv response="${NEVER}" response_txn="invite"/>`,
  ].join('\n');
}

function receive(status: number, next: number, attributes = ''): string {
  return `  <recv response="${status}" response_txn="invite" optional="true" next="${next}" ${attributes}/>`;
}

function label(id: number): string {
  return `  <label id="${id}"/>`;
}

function send(message: string, attributes: string): string {
  return `  <send ${attributes}><![CDATA[\n\n${message}\n  ]]></send>`;
}

const CALLER = 'sip:customer@outside.test';

function invite(requestUri: string, branch: string): string {
  return `INVITE ${requestUri} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=${branch}
From: "Customer" <${CALLER}>;tag=[pid]c[call_number]
To: <sip:[field0]@[field1]>
Call-ID: [call_id]
CSeq: 1 INVITE
Contact: <sip:customer@[local_ip]:[local_port];transport=[transport]>
[file name="[field2]"]
Allow: INVITE, ACK, CANCEL, BYE
Content-Type: application/sdp
Content-Length: [len]

v=0
o=customer 1 1 IN IP[local_ip_type] [local_ip]
s=-
c=IN IP[media_ip_type] [media_ip]
t=0 0
m=audio 9 RTP/AVP 0
a=rtpmap:0 PCMU/8000
`;
}

function inDialog(method: 'ACK' | 'BYE', cseq: number, branch: string): string {
  return `${method} [next_url] SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=${branch}
[routes]
Max-Forwards: 70
From: "Customer" <${CALLER}>;tag=[pid]c[call_number]
To: <sip:[field0]@[field1]>[peer_tag_param]
Call-ID: [call_id]
CSeq: ${cseq} ${method}
Content-Length: 0
`;
}

function ackFailure(requestUri: string, branch: string): string {
  return outOfDialog('ACK', requestUri, branch, '[peer_tag_param]');
}

function cancel(requestUri: string, branch: string): string {
  return outOfDialog('CANCEL', requestUri, branch, '');
}

function outOfDialog(method: 'ACK' | 'CANCEL', requestUri: string, branch: string, toTag: string): string {
  return `${method} ${requestUri} SIP/2.0
Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=${branch}
Max-Forwards: 70
From: "Customer" <${CALLER}>;tag=[pid]c[call_number]
To: <sip:[field0]@[field1]>${toTag}
Call-ID: [call_id]
CSeq: 1 ${method}
Content-Length: 0
`;
}
