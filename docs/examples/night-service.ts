/** An application under test: who is busy has voice mail, unless the caller asks for the person alone. */
import type Srf from 'drachtio-srf';

/** URIs. */
interface Where {
  readonly desk: string;
  readonly voicemail: string;
}

export function nightService(srf: Srf, { desk, voicemail }: Where): void {
  srf.invite(async (request, response) => {
    const connect = async (uri: string, passFailure: boolean) => {
      const { uas, uac } = await srf.createB2BUA(request, response, uri, { localSdpB: request.body, passFailure });
      uas.on('destroy', () => uac.destroy());
      uac.on('destroy', () => uas.destroy());
    };
    const onlyThePerson = request.get('Ms-Target-Class') === 'secondary';
    try {
      await connect(desk, onlyThePerson);
    } catch {
      if (!onlyThePerson) await connect(voicemail, true);
    }
  });
}
