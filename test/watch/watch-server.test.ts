import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { connect } from 'node:net';
import { describe, expect, it } from 'vitest';
import { type Sight, WatchServer } from '../../harness/watch/watch-server.ts';

const PAGE = { text: '<!doctype html><title>live</title>', policy: "default-src 'none'" };

/** @param headers that a browser would not let a page choose */
async function get(
  url: string,
  path: string,
  headers: Record<string, string> = {},
  method = 'GET',
): Promise<IncomingMessage> {
  const { port } = new URL(url);
  const [response] = await once(request({ host: '127.0.0.1', port, path, headers, method }).end(), 'response');
  return response;
}

async function textOf(response: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of response.setEncoding('utf8')) text += chunk;
  return text;
}

/** The next event that holds this. */
async function eventWith(response: IncomingMessage, words: string): Promise<string> {
  let text = '';
  for await (const chunk of response) {
    text += chunk;
    if (text.includes(words) && text.endsWith('\n\n')) return text;
  }
  throw new Error(`the events ended without ${words}: ${text}`);
}

function sight(stateFor: Sight['stateFor']): Sight {
  return { page: PAGE, stateFor };
}

describe('the page that others watch', () => {
  it('is served to whoever names it by its loopback address, and to nobody else', async () => {
    await using server = await WatchServer.open(sight(() => ({})));
    const { port, host } = new URL(server.url);
    const page = await get(server.url, '/', { Host: host });
    expect([page.statusCode, await textOf(page)]).toEqual([200, PAGE.text]);
    expect(page.headers['content-security-policy']).toBe(PAGE.policy);
    expect((await get(server.url, '/', { Host: `localhost:${port}` })).statusCode).toBe(200);
    for (const name of ['evil.example', `evil.example:${port}`, `127.0.0.1.evil.example:${port}`, '127.0.0.1']) {
      for (const path of ['/', '/events'])
        expect((await get(server.url, path, { Host: name })).statusCode, name).toBe(421);
    }
  });

  it('has no file, whatever is asked for', async () => {
    await using server = await WatchServer.open(sight(() => ({})));
    const paths = [
      '/../../etc/passwd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '//etc/passwd',
      '/results.json',
      '/data/0.js',
      '/index.html',
      '*',
    ];
    for (const path of paths) expect((await get(server.url, path)).statusCode, path).toBe(404);
    for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS'])
      expect((await get(server.url, '/', {}, method)).statusCode, method).toBe(405);
  });

  it('tells each browser what it looks at, and again only when that has changed', async () => {
    let looks = 0;
    let value = 1;
    await using server = await WatchServer.open(
      sight((look) => {
        looks += 1;
        return { look, value };
      }),
      { everyMs: 5 },
    );
    const one = await get(server.url, '/events?look=7');
    expect(await eventWith(one, 'value')).toBe('event: state\ndata: {"look":"7","value":1}\n\n');
    const two = await get(server.url, '/events');
    const then = looks + 10;
    await expect.poll(() => looks).toBeGreaterThan(then);
    value = 2;
    expect(await eventWith(two, '"value":2')).toBe(
      'event: state\ndata: {"look":null,"value":1}\n\nevent: state\ndata: {"look":null,"value":2}\n\n',
    );
  });

  it('keeps one state, and no more, for a browser that does not read; another misses nothing', async () => {
    const asked = { deaf: 0, hearing: 0 };
    await using server = await WatchServer.open(
      sight((look) => {
        asked[look === 'deaf' ? 'deaf' : 'hearing'] += 1;
        return { look, padding: 'x'.repeat(1_000_000), count: asked.hearing + asked.deaf };
      }),
      { everyMs: 2 },
    );
    const { port, host } = new URL(server.url);
    const deaf = connect(Number(port), '127.0.0.1').pause();
    deaf.write(`GET /events?look=deaf HTTP/1.1\r\nHost: ${host}\r\n\r\n`);
    const hearing = await get(server.url, '/events');
    hearing.resume();
    // What the kernel takes in its stead is some megabytes.
    await expect.poll(() => asked.hearing).toBeGreaterThan(100);
    expect(asked.deaf).toBeGreaterThan(0);
    expect(asked.deaf).toBeLessThan(20);
    // It reads again, and is told how things are now.
    const before = asked.deaf;
    deaf.resume();
    await expect.poll(() => asked.deaf).toBeGreaterThan(before);
    deaf.destroy();
  });

  it('becomes the report, and waits for those who read it', async () => {
    await using server = await WatchServer.open(
      sight(() => ({})),
      { everyMs: 5 },
    );
    const events = await get(server.url, '/events');
    const handedOver = server.handOver(
      async function* parts() {
        yield '<p>the ';
        yield 'report';
      },
      { timeoutMs: 60_000 },
    );
    await eventWith(events, 'event: over');
    expect(await textOf(await get(server.url, '/'))).toBe('<p>the report');
    await handedOver;
    expect(await eventWith(await get(server.url, '/events'), 'over')).toBe('event: over\ndata: {}\n\n');
  });

  it('waits at its end for nobody who does not go on', async () => {
    await using server = await WatchServer.open(
      sight(() => ({})),
      { everyMs: 5 },
    );
    const silent = await get(server.url, '/events');
    await server.handOver(async function* none() {}, { timeoutMs: 20 });
    silent.destroy();
  });

  it('lets in so many browsers, and tells the next why not', async () => {
    await using server = await WatchServer.open(
      sight(() => ({})),
      { mostOnlookers: 2 },
    );
    const first = await get(server.url, '/events');
    await get(server.url, '/events');
    const third = await get(server.url, '/events');
    expect([third.statusCode, await textOf(third)]).toEqual([503, '2 browsers watch already: close one\n']);
    first.destroy();
    await expect.poll(async () => (await get(server.url, '/events')).statusCode).toBe(200);
  });
});
