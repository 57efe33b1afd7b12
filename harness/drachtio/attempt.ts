import { RefusedError } from './app-message.ts';
import type { Command, ControlConnection } from './control-connection.ts';
import { refusal } from './leader.ts';

/** Does what an application has asked for, or tells it why not. */
export function attempt(connection: ControlConnection, command: Command, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (!(error instanceof RefusedError)) throw error;
    connection.reply(command, refusal(error.message));
  }
}
