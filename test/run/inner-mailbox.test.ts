/** Which count is the message of which canary, in a voice mail that is inside of the server. */
import { EventEmitter } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { MessageCounts } from '../../harness/endpoints/message-counts.ts';
import type { SipDialog } from '../../harness/endpoints/srf.ts';
import { nowEpochMs } from '../../harness/now.ts';
import { canaries } from '../../harness/run/canary.ts';
import { InnerMailbox } from '../../harness/run/inner-mailbox.ts';
import { calleeOf } from '../../harness/run/lodger.ts';
import { KAMAILIO } from '../../harness/servers/kamailio/kamailio.ts';

const [canary] = canaries('test', ['plain'], KAMAILIO).filter(({ trap }) => trap === 'voicemail');
if (canary === undefined) throw new Error('no canary is for voice mail');
const { user } = calleeOf(canary);
const NOT_COUNTED_MS = 40;

/** A call that was answered; the server hangs up first, or the caller when it has spoken. */
function dialog(isHungUp: boolean): SipDialog {
  return Object.assign(new EventEmitter(), {
    connected: !isHungUp,
    res: { get: () => undefined },
    remote: { sdp: '' },
    destroy: () => {},
  }) as unknown as SipDialog;
}

function mailbox(): {
  /** Leaves a message, after which this is told; none: nobody tells of it in time. @returns what is taken for its count */
  readonly left: (
    told?: number,
    options?: { readonly isHungUp?: boolean; readonly whileSpeaking?: readonly number[] },
  ) => Promise<readonly number[]>;
  readonly told: (messages: number) => Promise<void>;
  readonly warnings: () => readonly string[];
} {
  const counts = new MessageCounts();
  const note = (messages: number): void => counts.note(user, 'message-waiting', messages);
  note(0);
  const told = async (messages: number): Promise<void> => {
    await setTimeout(2); // counts have a time, in milliseconds
    note(messages);
  };
  const inner = new InnerMailbox({
    evidence: ['message-waiting'],
    talkMs: 0,
    countedWithinMs: NOT_COUNTED_MS,
    host: '127.0.0.1',
    counts,
    look: async () => {},
  });
  return {
    told,
    warnings: () => inner.warnings(),
    left: async (messages, { isHungUp = false, whileSpeaking = [] } = {}) => {
      const counted = inner.counted(user);
      const answered = { dialog: dialog(isHungUp), atEpochMs: nowEpochMs() };
      if (messages !== undefined) note(messages); // while it speaks, or before it is looked for: both are after the call began
      for (const each of whileSpeaking) await told(each);
      const { rises } = await inner.leave({
        canary: canary as NonNullable<typeof canary>,
        answered,
        speech: null,
        counted,
      });
      return rises.map((rise) => rise.messages);
    },
  };
}

describe.concurrent('the count of a canary', () => {
  it('is the next one, where every message is told of in time', async () => {
    const { left, warnings } = mailbox();
    expect([await left(1), await left(2), await left(3)]).toEqual([[1], [2], [3]]);
    expect(warnings()).toEqual([]);
  });

  it('is not that of an earlier message, which is told of while the next is being left', async () => {
    const { left, warnings } = mailbox();
    expect([await left(), await left(1), await left(2)]).toEqual([[], [], []]);
    expect(warnings()).toEqual([
      `message-waiting is 1 behind what canaries left for ${user}: a message was lost or is late, and as long as it is not counted, no count shows that voice mail was reached`,
    ]);
  });

  it('is there again, when what was late has been told of', async () => {
    const { left, told, warnings } = mailbox();
    expect(await left()).toEqual([]);
    await told(1);
    expect(await left(2)).toEqual([2]);
    expect(await left()).toEqual([]);
    expect(await left(4)).toEqual([4]);
    expect(warnings()).toEqual([]);
  });

  it('needs no message that somebody has deleted since', async () => {
    const { left, told, warnings } = mailbox();
    expect([await left(1), await left(2)]).toEqual([[1], [2]]);
    await told(0);
    expect(await left(1)).toEqual([1]);
    expect(warnings()).toEqual([]);
  });

  it('needs no message that somebody deletes while the next one is being left', async () => {
    const { left, told } = mailbox();
    expect([await left(1), await left(2)]).toEqual([[1], [2]]);
    const next = left(undefined, { whileSpeaking: [0, 1] });
    expect(await next).toEqual([1]);
    await told(0);
    expect(await left(1)).toEqual([1]);
  });

  it('needs no message of a call that the server ended before anything was said', async () => {
    const { left } = mailbox();
    expect(await left(undefined, { isHungUp: true })).toEqual([]);
    expect(await left(1)).toEqual([1]);
  });

  it('is not that some are waiting, where an earlier message has not been told of', async () => {
    const some = Number.POSITIVE_INFINITY;
    const inTime = mailbox();
    expect(await inTime.left(some)).toEqual([some]);
    const late = mailbox();
    expect([await late.left(), await late.left(some)]).toEqual([[], []]);
  });
});
