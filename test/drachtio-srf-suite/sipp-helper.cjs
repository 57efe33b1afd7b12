/**
 * Takes the place of the suite's own helper, which runs SIPp in containers; offers the same three functions and runs
 * SIPp on loopback. Every call has an address of its own, as every container had.
 */
const { spawn } = require('node:child_process');
const { createSocket } = require('node:dgram');
const { once } = require('node:events');
const { setImmediate: immediate } = require('node:timers/promises');
const { join } = require('node:path');
const Srf = require('..');

const network = process.env.SUITE_NETWORK;
const CALL_DEADLINE_S = 70; // the longest script waits 34 s
const ROUND_TRIP_DEADLINE_MS = 10_000;
const SERVER = `${network}.10`;
const FIRST_CALLER = 100;
/** The host of the suite that is not in its compose file but started from a test, by this helper. */
const STARTED_BY_TEST = { 'sipp-uas-b-teardown': 30 };

/** Of each application, until it is connected and has said which requests it wants. */
const connecting = [];
const { connect } = Srf.prototype;
Srf.prototype.connect = function (...args) {
  connecting.push(new Promise((resolve) => this.once('connect', resolve)));
  return connect.apply(this, args);
};

let calls = 0;
let output = '';

module.exports = () => ({
  output: () => output,

  async sippUac(file) {
    output = '';
    const call = ++calls;
    // The suite calls before its applications are connected; its own helper sleeps for 250 ms, which on a busy machine is
    // too short: the call gets a 503, and the test file, which does not end after a failure, hangs until its limit.
    await Promise.all(connecting);
    await everythingDelivered();
    const args = ['-cid_str', `%u-%p@%s-${call}`, SERVER];
    await runSipp(file, FIRST_CALLER + call, args).finally(everythingDelivered);
  },

  sippUas(file, host) {
    return runSipp(file, STARTED_BY_TEST[host], []);
  },
});

function runSipp(file, octet, args) {
  const own = `${network}.${octet}`;
  const deadline = ['-timeout', `${CALL_DEADLINE_S}s`, '-timeout_error'];
  const options = ['-i', own, '-p', '5060', '-ci', own, '-mi', own, '-m', '1', '-nostdin', ...deadline];
  const command = ['-sf', join(__dirname, 'scenarios', file), ...options, ...args];
  return new Promise((resolve, reject) => {
    const sipp = spawn('sipp', command, { stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [sipp.stdout, sipp.stderr])
      stream.setEncoding('latin1').on('data', (text) => (output += text));
    sipp.once('error', reject);
    sipp.once('close', (code, signal) => {
      if (code === 0) return resolve();
      const tail = output.slice(-3_000).replace(/^/gm, '  ');
      console.log(`# sipp ${file} ended with code ${code}, signal ${signal}\n${tail}`);
      reject(new Error(`sipp ${file} ended with code ${code}, signal ${signal}`));
    });
  });
}

/**
 * When a test goes on, its application hangs up on the server at once. What SIPp sent last must have arrived by then; a
 * container takes so long to end that this never shows. The server answers datagrams in order, so the first answer means
 * that it has read everything, and the second that it has written what it made of it to the control connection.
 */
async function everythingDelivered() {
  const socket = createSocket('udp4');
  try {
    socket.bind(0, `${network}.3`);
    await once(socket, 'listening');
    for (const cseq of [1, 2]) {
      socket.send(optionsRequest(socket.address(), cseq), 5060, SERVER);
      await once(socket, 'message', { signal: AbortSignal.timeout(ROUND_TRIP_DEADLINE_MS) });
    }
  } finally {
    socket.close();
  }
  // It can be read now; give the library its turn to do so.
  await immediate();
  await immediate();
}

function optionsRequest({ address, port }, cseq) {
  return [
    `OPTIONS sip:${SERVER} SIP/2.0`,
    `Via: SIP/2.0/UDP ${address}:${port};branch=z9hG4bK-${port}-${calls}-${cseq}`,
    'Max-Forwards: 70',
    `From: <sip:suite@${address}:${port}>;tag=suite`,
    `To: <sip:${SERVER}>`,
    `Call-ID: delivered-${port}-${calls}@${address}`,
    `CSeq: ${cseq} OPTIONS`,
    'Content-Length: 0',
    '',
    '',
  ].join('\r\n');
}
