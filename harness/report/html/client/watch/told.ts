import { byId } from '../element.ts';

/** Hears what there is to see of what is looked at, and goes on by itself when the connection was lost for a moment. */
export class Told<State> {
  readonly #show: (state: State) => void;
  readonly #goneText: string;
  #source: EventSource | null = null;

  /** @param goneText said while nobody answers */
  constructor(show: (state: State) => void, goneText: string) {
    this.#show = show;
    this.#goneText = goneText;
    // Of what was left and is shown again by Back, the connection is gone.
    addEventListener('pageshow', ({ persisted }) => persisted && location.reload());
  }

  /** @param look null: whatever is of interest now */
  look(look: number | null): void {
    this.#source?.close();
    const source = new EventSource(look === null ? 'events' : `events?look=${look}`);
    const lost = byId('lost', HTMLElement);
    source.addEventListener('state', ({ data }) => this.#show(JSON.parse(data) as State));
    source.addEventListener('over', () => {
      source.close();
      location.reload();
    });
    source.addEventListener('open', () => {
      lost.hidden = true;
    });
    source.addEventListener('error', () => {
      lost.textContent = this.#goneText;
      lost.hidden = false;
    });
    this.#source = source;
  }
}
