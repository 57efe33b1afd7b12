import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { commandHere } from '../helpers/command-line.ts';
import { scratch } from '../setup/scratch.ts';

const SUBSCRIBER = `{
    flags: [],
    lists: [],
    waits: { totalMs: 600, userMs: 200, team2Ms: 600 },
    voicemail: true,
    doNotDisturb: false,
  }`;

function scenarioText(over: Record<string, string> = {}): string {
  const fields = {
    id: "'my-situation'",
    title: "'Mine'",
    feature: "'voicemail'",
    subscriber: SUBSCRIBER,
    callee: "'ring'",
    caller: "'patient'",
    trap: "'voicemail'",
    kind: "'diversion'",
    ...over,
  };
  const lines = Object.entries(fields).map(([name, value]) => `  ${name}: ${value},`);
  return ['export default {', ...lines, '};', ''].join('\n');
}

function variantText(id: string, header: string): string {
  return `export const variants = [\n  { id: '${id}', title: 'x', kind: 'decoy', claims: [], headers: [${header}] },\n];\n`;
}

describe.concurrent('a usage error: exit status 2, and a message that says what to do', () => {
  it.for([
    [['run', '--policy', 'lync'], /unknown policy "lync"; there is: ms-sipre/],
    [['run', '--policy', 'blog-2102'], /unknown policy "blog-2102"; did you mean "blog-2012"\? there is: ms-sipre/],
    [['run', '--caller', 'linphone'], /--caller takes sipp, image:REF or command:PATH \[ARGS\], not "linphone"/],
    [['run', '--caller', 'command:./no/such/file'], /--caller command: there is no program \.\/no\/such\/file/],
    [['doctor', '--caller', 'image:x'], /--caller image:REF needs containers/],
    [['run', '--variant', 'no-such'], /unknown variant "no-such"; there is: none/],
    [['run', '--situation', 'no-such'], /unknown situation "no-such"/],
    [['run', 'plain/voicemail-busy/none', 'nosuch'], /no cell matches "nosuch": a filter is a part of a cell id/],
    [['run', 'no/such/cell'], /no cell matches "no\/such\/cell".*ringfence list/s],
    [
      ['run', '--server', 'astrisk'],
      /unknown server "astrisk"; did you mean "asterisk"\? there is: kamailio, kamailio-stock/,
    ],
    [['run', '--server', 'sip:127.0.0.1:5060', '--accounts', 'x.yaml', '--caller', 'image:x'], /: leave --caller out/],
    [['run', '--path', 'sideways'], /--path takes direct or b2bua-set or b2bua-copy or b2bua-drop, not "sideways"/],
    [
      ['run', '--path', 'b2bua-set', '--caller', 'image:x'],
      /--path is for calls that SIPp places.*leave one of them out/,
    ],
    [['run', '--set', 'work-arounds', '--caller', 'image:x'], /--set work-arounds is for calls that SIPp places/],
    [
      ['run', '--set', 'cancel-reason', '--set', 'work-around'],
      /unknown set "work-around"; did you mean "work-arounds"/,
    ],
    [['run', '--server', 'sip:127.0.0.1:5060', '--accounts', 'x.yaml', '--ua', 'baresip'], /: leave --ua out/],
    [['run', '--server', 'kamailio', '--server', 'sip:127.0.0.1:5060', '--accounts', 'x.yaml'], /is called alone/],
    [
      ['run', '--server', 'kamailio', '--server', 'asterisk', '--policy', 'lync'],
      /unknown policy "lync"; there is: ms-s/,
    ],
    [['run', '--transport', 'sctp'], /--transport takes udp or tcp or tls/],
    [
      ['run', '--transport', 'tls', '--server', 'asterisk'],
      /Asterisk is set up here for UDP and TCP; --server kamailio/,
    ],
    [['run', '--transport', 'tls', '--drachtio', '127.0.0.1:9022'], /would speak UDP; leave --drachtio out/],
    [['run', '--rate', '0'], /--rate takes a whole number/],
    [['run', '--seed', 'No!'], /--seed takes 4 to 8/],
    [['run', '--keep', '0'], /--keep takes a whole number/],
    [['run', '--keep', '3', '--report', 'x'], /leave one of the two out/],
    [['run', '--header', 'X-My-Header'], /--header takes a line .*found 'X-My-Header'; allowed: a header field/],
    [['run', '--header', 'X My: yes'], /--header takes a line .*allowed: a header name that is a token/],
    [['run', '--header', 'To: x'], /--header takes a line .*the caller does not write itself/],
    [
      ['run', '--header', 'Max-Forwards: 70'],
      /--header takes a line .*allowed: another value: this one is in every call/,
    ],
    [['run', '--header', `X-Long: ${'a'.repeat(60_000)}`], /--header takes a line .*at most 60000 bytes/],
    [['run', '--header', 'X-A: b\r\nX-C: d'], /--header takes a line .*without CR, LF/],
    [['run', '--no-such-option'], /no-such-option/],
    [['run', '--scenarios', '/no/such/folder'], /--scenarios \/no\/such\/folder: cannot be read/],
    [['list', 'nothing'], /unknown list "nothing"; there is: situations/],
    [['list', 'variants', '--report', 'x'], /--report is about claims: .*list claims --report DIR/],
    [['lab', '--policy', 'plian'], /unknown policy "plian"; did you mean "plain"\?/],
    [
      ['run', '--situation', 'voicemail-busy,voicemail-no-answer'],
      /unknown situation "voicemail-busy,voicemail-no-answer"; did you mean --situation voicemail-busy --situation voicemail-no-answer\? there is: /,
    ],
    [
      ['run', '--variant', 'none, sensitivity-privat'],
      /did you mean --variant none --variant sensitivity-private\? there is/,
    ],
    [['run', '--policy', 'plain,lync'], /unknown policy "plain,lync"; there is: /],
    [
      ['run', '--server', 'kamailio,asterisk'],
      /unknown server "kamailio,asterisk"; did you mean --server kamailio --server asterisk\? there is/,
    ],
    [['run', '--path', 'direct,b2bua-set'], /--path takes direct or .*, not "direct,b2bua-set"/],
    [['fly'], /unknown command "fly"; there is: run/],
    [['help', 'dragon'], /unknown command "dragon"; there is: run/],
    [['reprot'], /unknown command "reprot"; did you mean "report"\? there is: run/],
  ] as const)('%j', async ([args, message]) => {
    const { exitStatus, stderr } = await commandHere(args);
    expect(stderr).toMatch(message);
    expect(exitStatus).toBe(2);
  });
});

describe.concurrent('a bad file of the user: exit status 2, with file and line', () => {
  it.for([
    ['a wrong type', scenarioText({ title: '42' }), /bad\.ts:3: .*title/],
    [
      'a wait that is no number',
      scenarioText({ subscriber: SUBSCRIBER.replace('600,', "'soon',") }),
      /bad\.ts:8: .*totalMs/,
    ],
    ['an unknown trap', scenarioText({ trap: "'mailbox'" }), /bad\.ts:14: .*trap.*mailbox/],
    [
      'a built-in id',
      scenarioText({ id: "'voicemail-busy'" }),
      /bad\.ts:2: situation voicemail-busy is already defined/,
    ],
    ['a syntax error', 'export default {\n  id: ;\n};\n', /bad\.ts:\d+: does not load/],
    ['nothing to offer', 'export const other = 1;\n', /bad\.ts:1: neither a default export/],
    [
      'a list with a wrong word in its second entry',
      `const one = ${scenarioText({}).replace('export default', '').replace(/;\s*$/, '')};\nexport default [\n  one,\n  { ...one, id: 'two',\n    caller: 'patience' },\n];\n`,
      /bad\.ts:20: caller: found 'patience'; allowed: patient, hang-up-while-ringing, hang-up-in-greeting/,
    ],
    ['a line feed in a header', variantText('mine', "'X-A: 1\\nX-B: 2'"), /bad\.ts:2: .*header/],
    ['a CRLF in a header', variantText('mine', "'X-A: 1\\r\\nX-B: 2'"), /bad\.ts:2: .*header/],
    ['the id of a built-in variant', variantText('none', "'X-A: 1'"), /bad\.ts:2: variant none is already defined/],
  ] as const)('%s', async ([, text, message]) => {
    await using own = await scratch();
    await writeFile(join(own.dir, 'bad.ts'), text);
    const { exitStatus, stderr } = await commandHere(['run', '--scenarios', own.dir]);
    expect(stderr).toMatch(message);
    expect(exitStatus).toBe(2);
  });
});

it.for([
  ['--drachtio', 'image:x', '--runtime', 'process'],
  ['--ua', 'image:x', '--runtime', 'process'],
  ['--transport', 'tls', '--server', 'asterisk'],
])('%j leaves no folder behind', async (args) => {
  await using own = await scratch();
  const { exitStatus, stderr } = await commandHere(['run', ...args, '--report', join(own.dir, 'reports', 'mine')]);
  expect(exitStatus, stderr).toBe(2);
  expect(await readdir(own.dir)).toEqual([]);
});
