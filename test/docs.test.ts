/** What documents list, the code lists too: neither may go its own way. */
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  ENDPOINT_ROLES,
  PLAYS,
  POLICIES,
  RESULTS_VERSION,
  ROLES,
  VARIANT_KINDS,
  VERDICTS,
} from '../harness/model/words.ts';
import { LIVE_FORM } from '../harness/servers/live.ts';
import { SERVERS } from '../harness/servers/registry.ts';
import { PROGRAMS } from '../harness/setup/programs.ts';

const here = (path: string): URL => new URL(path, import.meta.url);
const text = (path: string): string => readFileSync(here(path), 'utf8');

/** First cells of the table whose head begins so, without their backticks. */
function firstColumn(document: string, head: string): string[] {
  const table = document.slice(document.indexOf(`\n| ${head} |`)).split('\n\n', 1)[0] ?? '';
  const rows = table.trim().split('\n').slice(2);
  return rows.map((row) => /^\| `?([^`|]*?)`? \|/.exec(row)?.[1] ?? '');
}

/** Words in backticks of the first paragraph with that beginning. */
function marked(document: string, beginning: string): string[] {
  const paragraph = document.slice(document.indexOf(beginning)).split('\n\n', 1)[0] ?? '';
  return [...paragraph.matchAll(/`([^`]+)`/g)].map(([, word = '']) => word);
}

describe('README.md', () => {
  const readme = text('../README.md');

  it('explains every verdict', () => {
    expect(firstColumn(readme, 'verdict')).toEqual(VERDICTS);
  });

  it('names every policy', () => {
    expect(marked(readme, 'A *policy* is')).toEqual(POLICIES);
  });

  it('has every server, each once', () => {
    expect(firstColumn(readme, '`--server`')).toEqual([...SERVERS.map(({ id }) => id), 'command:PATH', LIVE_FORM]);
  });
});

describe('docs/servers.md', () => {
  it('has every server', () => {
    expect(firstColumn(text('../docs/servers.md'), 'ID')).toEqual(SERVERS.map(({ id }) => id));
  });
});

describe('docs/user-agents.md', () => {
  it('has every behaviour that a user agent is asked for', () => {
    expect(firstColumn(text('../docs/user-agents.md'), 'behaviour')).toEqual(PLAYS);
  });
});

describe('docs/drachtio.md', () => {
  it('names every role that a server can be given for', () => {
    const [, listed = ''] = /Every role of the lab \(([^)]*)\)/.exec(text('../docs/drachtio.md')) ?? [];
    const words = [...listed.matchAll(/(?:^|, (?:and )?)`?([a-z-]+)`?(?=,|$)/g)].map(([, word]) => word);
    expect(words).toEqual(ENDPOINT_ROLES);
  });

  const [, does = ''] = text('../docs/drachtio.md').split('## What the embedded server does');
  const rows = [...does.matchAll(/^\| (?!it |---)(.*) \| (.*) \|$/gm)].map(([, what = '', shown = '']) => [
    what,
    shown,
  ]);
  it.for(
    rows.slice(
      0,
      rows.findIndex(([what]) => what?.startsWith('route requests by')),
    ),
  )('%s: %s', ([, shown = '']) => {
    const files = [...shown.matchAll(/(?:^|; )([\w/-]+)/g)].flatMap(([, name]) =>
      [`drachtio/${name}.test.ts`, `${name}.test.ts`, `../${name}.test.ts`].filter((file) => existsSync(here(file))),
    );
    expect(files).not.toEqual([]);
    const tests = files.map((file) => text(file)).join('\n');
    for (const [, name = ''] of shown.matchAll(/"([^"]+)"/g)) {
      const isFile = existsSync(here(`sip/torture/${name}`));
      expect(isFile || tests.includes(name.replace(/ \.\.\.$/, '').replaceAll('\\|', '|')), name).toBe(true);
    }
  });
});

describe('CONTRIBUTING.md', () => {
  const contributing = text('../CONTRIBUTING.md');

  it('names every role', () => {
    const [, listed = ''] = /\| role \| [^:|]*: ([^|.]*)\./.exec(contributing) ?? [];
    expect(listed.split(', ').toSorted()).toEqual(ROLES.toSorted());
  });

  it('has every kind of a variant but the control', () => {
    const section = contributing.slice(contributing.indexOf('## Add a header variant'));
    const words = [...(section.split('\n## ', 2)[0] ?? '').matchAll(/`([a-z]+)`/g)].map(([, word]) => word);
    expect(words).toEqual(['kind', ...VARIANT_KINDS.filter((kind) => kind !== 'control')]);
  });
});

describe('reports/README.md', () => {
  it('names the format of results', () => {
    expect(text('../reports/README.md')).toContain(`\`${RESULTS_VERSION}\``);
  });
});

describe('containers/kamailio/README.md', () => {
  it('names the versions of Kamailio that were tried', () => {
    const [, said = ''] =
      /package `kamailio`, (.*?), and no other/.exec(text('../containers/kamailio/README.md')) ?? [];
    const tried = PROGRAMS.kamailio.tested?.words.match(/\d+\.(?:\d+|x)/g);
    expect(said.match(/\d+\.(?:\d+|x)/g)).toEqual(tried);
  });
});

describe('ringfence', () => {
  it('wants the Node.js that package.json wants', () => {
    const [, wanted] = /^node_min=(\S+)/m.exec(text('../ringfence')) ?? [];
    const { engines } = JSON.parse(text('../package.json')) as { engines: { node: string } };
    expect(`>=${wanted}`).toBe(engines.node);
  });

  it('fetches the Node.js that goes into images', () => {
    const [, fetched] = /^node_fetched=(\S+)/m.exec(text('../ringfence')) ?? [];
    const { config } = JSON.parse(text('../package.json')) as { config: { node: string } };
    expect(config.node).toBe(fetched);
  });
});
