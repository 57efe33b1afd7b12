import type { SipResponse } from '../sip/message.ts';
import type { ServerTransaction } from '../sip/server-transaction.ts';
import type { Context } from './context.ts';
import type { Dialog } from './dialog.ts';
import { hangUp } from './hang-up.ts';

/**
 * RFC 3261 13.3.1.4: a 2xx to INVITE is repeated end to end until its ACK comes, on reliable transports too; if none comes,
 * the call is hung up.
 */
export function repeatUntilAck(
  context: Context,
  dialog: Dialog,
  transaction: ServerTransaction,
  response: SipResponse,
  transactionId: string,
): void {
  const { timerSet, timers, transport } = context;
  dialog.answer?.stop();
  const repeat = timerSet.repeat(timers.t1Ms, timers.t2Ms, () => transport.send(response.bytes, transaction.peer));
  const giveUp = timerSet.after(timers.ackTimeoutMs, () => hangUp(context, dialog, 'ACK timeout'));
  dialog.answer = {
    cseq: Number.parseInt(transaction.request.header('CSeq') ?? '', 10),
    transactionId,
    stop: () => {
      repeat.cancel();
      giveUp.cancel();
    },
  };
}
