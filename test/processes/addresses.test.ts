import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { LabError } from '../../harness/errors.ts';
import { allocateAddresses, freePort } from '../../harness/processes/addresses.ts';

async function udp(address: string, port: number, reuseAddr = false) {
  const socket = createSocket({ type: 'udp4', reuseAddr });
  socket.bind({ address, port });
  await once(socket, 'listening');
  return { port: socket.address().port, [Symbol.dispose]: () => void socket.close() };
}

async function tcp(host: string, port: number) {
  const server = createServer().listen({ host, port });
  await once(server, 'listening');
  return { port, [Symbol.dispose]: () => void server.close() };
}

function offers(...blocks: [number, number][]) {
  return { nextBlock: () => blocks.shift() ?? ([201, 9] as const) };
}

describe('allocateAddresses', () => {
  it('gives each actor a loopback address of its own, in one block', async () => {
    await using block = await allocateAddresses(['server', 'caller', 'phone']);
    const prefix = block.network.replace(/0\/24$/, '');
    expect(block.network).toMatch(/^127\.\d+\.\d+\.0\/24$/);
    expect(block.hosts).toEqual({ server: `${prefix}1`, caller: `${prefix}2`, phone: `${prefix}3` });
  });

  it('passes over a block that another run has, until that run ends', async () => {
    const first = await allocateAddresses(['a'], offers([201, 7]));
    await using second = await allocateAddresses(['a'], offers([201, 7], [201, 8]));
    expect([first.hosts.a, second.hosts.a]).toEqual(['127.201.7.1', '127.201.8.1']);
    await first.release();
    await first.release();
    await using third = await allocateAddresses(['a'], offers([201, 7]));
    expect(third.hosts.a).toBe('127.201.7.1');
  });

  it('says what to check when every block is taken', async () => {
    const onlyOne = { nextBlock: () => [202, 1] as const };
    await using held = await allocateAddresses(['a'], onlyOne);
    expect(held.network).toBe('127.202.1.0/24');
    await expect(allocateAddresses(['a'], onlyOne)).rejects.toThrow(LabError);
    await expect(allocateAddresses(['a'], onlyOne)).rejects.toThrow(/EADDRINUSE.*Check that addresses such as/);
  });

  it('keeps simultaneous runs apart', async () => {
    const blocks = await Promise.all(Array.from({ length: 40 }, () => allocateAddresses(['a'])));
    expect(new Set(blocks.map(({ network }) => network)).size).toBe(40);
    await Promise.all(blocks.map((block) => block.release()));
  });
});

describe('freePort', () => {
  it('takes the preferred port, and leaves it free', async () => {
    await using block = await allocateAddresses(['server']);
    const port = await freePort(block.hosts.server, 5060);
    expect(port).toBe(5060);
    using bound = await udp(block.hosts.server, port);
    using listening = await tcp(block.hosts.server, port);
    expect([bound.port, listening.port]).toEqual([5060, 5060]);
  });

  it.each([
    { protocol: 'UDP', take: (host: string) => udp(host, 5060) },
    { protocol: 'UDP with SO_REUSEADDR', take: (host: string) => udp(host, 5060, true) },
    { protocol: 'TCP', take: (host: string) => tcp(host, 5060) },
  ])('finds another port when the preferred one is taken on $protocol', async ({ take }) => {
    await using block = await allocateAddresses(['server']);
    using taken = await take(block.hosts.server);
    const port = await freePort(block.hosts.server, taken.port);
    expect(port).not.toBe(taken.port);
    expect(port).toBeGreaterThan(0);
  });

  it('hands out none twice: of two programs that start at once neither has bound its own yet', async () => {
    await using block = await allocateAddresses(['caller']);
    const ports = new Set<number>();
    // One after the other: at the same time each would find bound what the others try.
    for (let count = 0; count < 1000; count += 1) ports.add(await freePort(block.hosts.caller));
    expect(ports.size).toBe(1000);
  });

  it('hands out none that a system may give to a socket which is bound by the way', async () => {
    const range = await readFile('/proc/sys/net/ipv4/ip_local_port_range', 'utf8');
    const [lowest = 0] = range.split(/\s+/).map(Number);
    await using block = await allocateAddresses(['caller']);
    const ports = await Promise.all(Array.from({ length: 200 }, () => freePort(block.hosts.caller)));
    expect(ports.filter((port) => port >= lowest || port < 1024)).toEqual([]);
  });

  it('names the address when it cannot be bound at all', async () => {
    await expect(freePort('192.0.2.77')).rejects.toThrow(/No port on 192\.0\.2\.77 is free.*EADDRNOTAVAIL/);
  });
});
