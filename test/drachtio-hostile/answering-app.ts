import { DrachtioServer, type DrachtioServerOptions } from '../../harness/drachtio/index.ts';
import { connectSrf, type SrfApp } from '../../harness/endpoints/srf.ts';

/** The server under attack, with a drachtio-srf application that answers every call. */
export class AnsweringApp implements AsyncDisposable {
  readonly server: DrachtioServer;
  readonly app: SrfApp;
  /** Call-IDs of the calls answered, in order. */
  readonly answered: readonly string[];
  /** How many of them have ended. */
  readonly ended: () => number;

  private constructor(server: DrachtioServer, app: SrfApp, answered: readonly string[], ended: () => number) {
    this.server = server;
    this.app = app;
    this.answered = answered;
    this.ended = ended;
  }

  static async start(options: Partial<DrachtioServerOptions> = {}): Promise<AnsweringApp> {
    const server = await DrachtioServer.start({ sip: { host: '127.0.0.1' }, ...options });
    const app = await connectSrf({ ...server.control, secret: server.secret });
    const answered: string[] = [];
    let ended = 0;
    app.invite((request, response) => {
      app.createUAS(request, response, { localSdp: 'v=0\r\n' }, (error, dialog) => {
        if (error) return;
        answered.push(request.callId);
        dialog.on('destroy', () => ended++);
      });
    });
    app.options((_request, response) => response.send(200, {}, () => {}));
    return new AnsweringApp(server, app, answered, () => ended);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.app.disconnect();
    await this.server.stop();
  }
}
