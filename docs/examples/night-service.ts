/** An application under test: who is busy has voice mail, unless the caller asks for the person alone. */
import type Srf from 'drachtio-srf';

/** URIs. */
interface Where {
  readonly desk: string;
  readonly voicemail: string;
}

export function nightService(srf: Srf, { desk, voicemail }: Where): void {
  srf.invite(async (request, response) => {
    const connect = (uri: string, passFailure: boolean) =>
      srf.createB2BUA(request, response, uri, { localSdpB: request.body, passFailure });
    const onlyThePerson = request.get('Ms-Target-Class') === 'secondary';
    try {
      await connect(desk, onlyThePerson);
    } catch {
      if (!onlyThePerson) await connect(voicemail, true);
    }
  });
}
