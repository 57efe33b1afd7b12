/** The `drachtio` command of the command line as a program of its own; ends with the test that started it. */
import { drachtioCommand } from '../../harness/cli/drachtio.ts';

process.exitCode = await drachtioCommand(process.argv.slice(2));
