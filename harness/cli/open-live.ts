/** A live server, before a run: what its owner says of it is read, and its address found. */
import { lookup } from 'node:dns/promises';
import { isIPv4 } from 'node:net';
import { LabError, UsageError } from '../errors.ts';
import { type PlannedRun, SLACK_MS } from '../pipeline.ts';
import { readAccounts } from '../plan/accounts-file.ts';
import { TALK_MS } from '../run/call-groups.ts';
import { forecast, forecastText } from '../run/forecast.ts';
import { type LiveServer, liveServer } from '../servers/live.ts';
import { isLoopback, isOwnAddress, type LiveChoice, ownAddresses } from './live-option.ts';

/**
 * Reads what its owner says of it, and finds its address. Nothing is sent to it.
 *
 * @throws {UsageError} for what the accounts file has wrong, and for an address that cannot be reached from where we stand
 */
export async function openLive(choice: LiveChoice, callsPerSecond: number): Promise<LiveServer> {
  const { host, port, transport, accountsFile, bind, expect } = choice;
  const word = await readAccounts(accountsFile, process.env);
  const address = isIPv4(host) ? host : await addressOf(host);
  if (bind === null && !isLoopback(address)) {
    throw new UsageError(
      `--server sip:${host}:${port} is not on this machine's loopback (${address}), and without --bind our endpoints are: add --bind ADDRESS, one of this machine that the server can reach (it has ${ownAddresses().join(', ')})`,
    );
  }
  const { at } = word.voicemail ?? {};
  if (at !== undefined && 'host' in at && (bind === null ? !isLoopback(at.host) : !isOwnAddress(at.host))) {
    throw new UsageError(
      `${accountsFile}: voicemail.address ${at.host}:${at.port} is not an address that our voice mail can stand on: ${bind === null ? 'without --bind it is one of loopback' : `this machine has ${ownAddresses().join(', ')}`}`,
    );
  }
  try {
    return liveServer({ address: { host: address, port, transport }, host, word, expect, callsPerSecond });
  } catch (error) {
    if (error instanceof LabError) throw new UsageError(`${accountsFile}: ${error.message}`, { cause: error });
    throw error;
  }
}

/** What a run would be; its first line is the sum. */
export async function liveForecast(
  choice: LiveChoice,
  { cells }: Pick<PlannedRun, 'cells'>,
  { rate, repeat }: { readonly rate: number; readonly repeat: number },
): Promise<string> {
  // A lender is used up by it.
  const server = await openLive(choice, rate);
  const coming = forecast({
    cells: Array.from({ length: repeat }, () => cells).flat(),
    server,
    lender: server.lender,
    callsPerSecond: rate,
    slackMs: SLACK_MS,
    talkMs: TALK_MS,
  });
  const unasked = [...coming.unsupported].map(([why, count]) => `  ${count}: ${why}\n`);
  return `plan: ${forecastText(coming)}\n${unasked.join('')}`;
}

async function addressOf(host: string): Promise<string> {
  try {
    return (await lookup(host, { family: 4 })).address;
  } catch (cause) {
    throw new UsageError(`--server sip:${host}: the name has no IPv4 address (${(cause as Error).message})`, { cause });
  }
}
