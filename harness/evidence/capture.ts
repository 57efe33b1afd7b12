import { DEVIATION_WORDS, firstDeviation } from '../ladder/deviation.ts';
import type { Message } from '../ladder/message.ts';
import type { CellResult } from '../model/results.ts';
import { PacketMaker } from './ip-packets.ts';
import { type Interface, type Packet, pcapngOf } from './pcapng.ts';
import { type Place, placesOf } from './places.ts';

/** What is on record of a cell and of its control. */
export interface RecordedCall {
  readonly cell: CellResult;
  /** null: it is a control itself, or its control is not on record. */
  readonly control: CellResult | null;
  readonly messages: readonly Message[];
  readonly controlMessages: readonly Message[] | null;
  /** ISO 8601; stands for a call's own start where an older file has none. */
  readonly runStartedAt: string;
}

/** One of the two. */
export interface CallSide {
  readonly name: Interface;
  readonly cell: CellResult;
  readonly messages: readonly Message[];
  readonly places: ReadonlyMap<string, Place>;
  readonly startEpochMs: number;
}

export function sidesOf({ cell, control, messages, controlMessages, runStartedAt }: RecordedCall): CallSide[] {
  const side = (name: Interface, of: CellResult, record: readonly Message[]): CallSide => ({
    name,
    cell: of,
    messages: record,
    places: placesOf(record),
    startEpochMs: Date.parse(of.proof?.startedAt ?? runStartedAt) || 0,
  });
  const own = side('call', cell, messages);
  return control === null || controlMessages === null ? [own] : [own, side('control', control, controlMessages)];
}

/**
 * Call and control as one capture file, each on an interface of its name: the bytes that were on the wire, at the times of day
 * at which they were there, between the addresses that the messages name. The message with which the call left the expected
 * course has a comment.
 */
export function captureOf(call: RecordedCall): Uint8Array<ArrayBuffer> {
  const sides = sidesOf(call);
  const deviation = firstDeviation(call.cell, call.messages, call.controlMessages);
  const what = call.cell.verdict === 'fail' ? 'first deviation' : 'first difference from the control';
  const packets = sides.flatMap(({ name, messages, places, startEpochMs }) => {
    const maker = new PacketMaker();
    return messages.flatMap((message) => {
      const [from, to] = [places.get(message.from), places.get(message.to)];
      if (from === undefined || to === undefined) return [];
      const comment = message === deviation?.message ? `${what}: ${DEVIATION_WORDS[deviation.kind]}` : null;
      return maker
        .framesOf(message.raw, { from, to })
        .map((bytes): Packet => ({ on: name, atEpochMs: startEpochMs + message.atMs, bytes, comment }));
    });
  });
  return pcapngOf({
    application: 'Ringfence',
    comment: `${call.cell.id}: ${call.cell.verdict}${call.cell.why === null ? '' : `: ${call.cell.why}`}. Written from the records of caller and endpoints.`,
    interfaces: sides.map(({ name, cell }) => [name, cell.id]),
    names: namesOf(sides),
    packets: packets.toSorted((a, b) => a.atEpochMs - b.atEpochMs),
  });
}

/** By address: the roles of everybody there. */
function namesOf(sides: readonly CallSide[]): Map<string, string> {
  const parties = sides.flatMap(({ places }) => [...places]);
  const byHost = Map.groupBy(parties, ([, { host }]) => host);
  return new Map(
    [...byHost].map(([host, all]) => {
      const roles = all.map(
        ([role, { onRecord }]) => `${role.replaceAll(/[^\w.-]+/g, '-')}${onRecord ? '' : '-address-not-on-record'}`,
      );
      return [host, [...new Set(roles)].join('+')];
    }),
  );
}
