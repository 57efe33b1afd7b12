import { describe, expect, it } from 'vitest';
import { checkLines } from '../../harness/evidence/checks.ts';
import { sample } from '../results/sample.ts';
import { describeInBrowser, watchedPage } from './browser.ts';
import { hostileRun } from './hostile-run.ts';
import { junitOf } from './rendered.ts';
import { syntheticResults } from './synthetic-run.ts';

const FAILED = 'kamailio/ms-sipre/voicemail-busy/sensitivity-invalid/udp/direct';

interface ParsedCase {
  readonly suite: string;
  readonly classname: string;
  readonly name: string;
  readonly time: string;
  /** Name of the inner element; empty for a passed case. */
  readonly result: string;
  readonly message: string;
  readonly text: string;
}

interface Parsed {
  readonly elements: readonly {
    readonly name: string;
    readonly parent: string;
    readonly attributes: Readonly<Record<string, string>>;
  }[];
  /** What the parser complained of. */
  readonly error: string | null;
  /** Attributes of `testsuites`, then of each `testsuite`. */
  readonly counts: readonly Readonly<Record<string, string>>[];
  readonly cases: readonly ParsedCase[];
}

/** What the schema of Jenkins' xUnit plugin (junit-10.xsd) demands and allows of the elements that we write. */
const JENKINS: Readonly<
  Record<string, { within: readonly string[]; required?: readonly string[]; allowed: readonly string[] }>
> = {
  testsuites: { within: [''], allowed: ['name', 'time', 'tests', 'failures', 'errors'] },
  testsuite: {
    within: ['testsuites'],
    required: ['name', 'tests', 'failures', 'errors'],
    allowed: ['time', 'skipped', 'timestamp', 'hostname', 'id', 'package', 'group', 'file', 'log', 'url'],
  },
  properties: { within: ['testsuite'], allowed: [] },
  property: { within: ['properties'], required: ['name', 'value'], allowed: [] },
  testcase: { within: ['testsuite'], required: ['name'], allowed: ['time', 'classname', 'group'] },
  skipped: { within: ['testcase'], allowed: ['type', 'message'] },
  error: { within: ['testcase'], allowed: ['type', 'message'] },
  failure: { within: ['testcase'], allowed: ['type', 'message'] },
};

describe('junit.xml', () => {
  it('gives every cell of a run a name of its own', async () => {
    const names = [...(await junitOf(syntheticResults())).matchAll(/<testcase (classname="[^"]*" name="[^"]*")/g)].map(
      (match) => match[1],
    );
    expect(names).toHaveLength(syntheticResults().cells.length);
    expect(new Set(names).size).toBe(names.length);
  });
});

/** By a real XML parser, which takes no illegal character. */
async function parsed(xml: string): Promise<Parsed> {
  await using watched = await watchedPage();
  return await watched.page.evaluate(`(${PARSE})(${JSON.stringify(xml)})`);
}

describeInBrowser('junit.xml, parsed back', () => {
  it('has a suite per server and policy, and counts that add up', async () => {
    const { error, counts, cases } = await parsed(await junitOf(sample()));
    expect(error).toBeNull();
    expect(counts).toMatchObject([
      { name: 'Ringfence', tests: '20', failures: '2', errors: '3', time: '8.412' },
      { name: 'kamailio/ms-sipre/udp/direct', tests: '11', failures: '2', errors: '3', skipped: '1' },
      { name: 'kamailio/blog-2012/udp/direct', tests: '7', failures: '0', errors: '0', skipped: '2' },
      { name: 'kamailio/plain/tcp/direct', tests: '2', failures: '0', errors: '0', skipped: '0' },
    ]);
    const of = (result: string): number => cases.filter((each) => each.result === result).length;
    expect([of(''), of('failure'), of('error'), of('skipped')]).toEqual([12, 2, 3, 3]);
  });

  it('tells of a failed cell what a reader of CI needs', async () => {
    const { cases } = await parsed(await junitOf(sample()));
    expect(cases.find((each) => each.result === 'failure')).toEqual({
      suite: 'kamailio/ms-sipre/udp/direct',
      classname: 'kamailio.udp.direct.ms-sipre.voicemail',
      name: 'ms-sipre / voicemail-busy / sensitivity-invalid',
      time: '0.915',
      result: 'failure',
      message: 'voice mail was reached 6 ms after the INVITE, but ms-sipre-invalid-400 says it must not be',
      text: [
        'voice mail was reached 6 ms after the INVITE, but ms-sipre-invalid-400 says it must not be',
        'expected: kept out (ms-sipre-invalid-400)',
        'observed: not kept out, final 200',
        'control: not kept out',
        ...checkLines(sample().cells.find(({ id }) => id === FAILED) ?? {}),
        'page: index.html#kamailio/ms-sipre/voicemail-busy/sensitivity-invalid/udp/direct',
        'messages: cat traces/kamailio.ms-sipre.voicemail-busy.sensitivity-invalid.udp.direct.json',
        'rerun: ./ringfence run kamailio/ms-sipre/voicemail-busy/sensitivity-invalid/udp/direct',
      ].join('\n'),
    });
  });

  it('says why a cell was skipped', async () => {
    const { cases } = await parsed(await junitOf(sample()));
    expect(cases.filter((each) => each.result === 'skipped').map((each) => each.message.split(':')[0])).toEqual([
      'unspecified',
      'unsupported',
      'unsupported',
    ]);
  });

  it.each([
    ['of the sample', () => sample()],
    ['with hostile text in every field', () => hostileRun().results],
  ])('keeps the rules by which Jenkins refuses a file, %s', async (_what, run) => {
    const { elements } = await parsed(await junitOf(run()));
    expect(elements.length).toBeGreaterThan(20);
    for (const { name, parent, attributes } of elements) {
      const { within, required = [], allowed } = JENKINS[name] ?? { within: [], allowed: [] };
      expect.soft(within, `${name} in ${parent}`).toContain(parent);
      const given = Object.keys(attributes);
      expect
        .soft(
          required.filter((each) => !given.includes(each)),
          name,
        )
        .toEqual([]);
      expect
        .soft(
          given.filter((each) => ![...required, ...allowed].includes(each)),
          name,
        )
        .toEqual([]);
      if (attributes.time !== undefined) expect.soft(attributes.time).toMatch(/^[0-9]*\.[0-9]+$/);
    }
  });

  it('says why a cell was skipped where GitLab looks, too', async () => {
    const { cases } = await parsed(await junitOf(sample()));
    const skipped = cases.filter((each) => each.result === 'skipped');
    expect(skipped.map((each) => each.text)).toEqual(skipped.map((each) => each.message));
    expect(skipped[0]?.text).toMatch(/^unspecified: ./);
  });

  it('stays well-formed with hostile text in every field', async () => {
    const { error, cases } = await parsed(await junitOf(hostileRun().results));
    expect(error).toBeNull();
    expect(cases).toHaveLength(20);
    expect(cases.find((each) => each.result === 'error')?.text).toContain('<script>alert(1)</script>');
  });

  it('would be refused with an illegal character in it', async () => {
    expect((await parsed('<a b="\u0001"/>')).error).not.toBeNull();
  });
});

/** Runs in the page. */
const PARSE = `(xml) => {
  const parsed = new DOMParser().parseFromString(xml, 'application/xml');
  const attributes = (element) => Object.fromEntries([...element.attributes].map(({ name, value }) => [name, value]));
  return {
    error: parsed.querySelector('parsererror')?.textContent ?? null,
    elements: [...parsed.querySelectorAll('*')].map((element) => ({
      name: element.localName,
      parent: element.parentElement?.localName ?? '',
      attributes: attributes(element),
    })),
    counts: [...parsed.querySelectorAll('testsuites, testsuite')].map(attributes),
    cases: [...parsed.querySelectorAll('testcase')].map((element) => ({
      suite: element.parentElement.getAttribute('name'),
      classname: element.getAttribute('classname'),
      name: element.getAttribute('name'),
      time: element.getAttribute('time'),
      result: element.firstElementChild?.localName ?? '',
      message: element.firstElementChild?.getAttribute('message') ?? '',
      text: element.firstElementChild?.textContent ?? '',
    })),
  };
}`;
