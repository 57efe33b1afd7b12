/** Names of cells: `kamailio/ms-sipre/voicemail-busy/none/udp/direct`. Stable over runs. */

const PARTS = ['server', 'policy', 'situation', 'variant', 'transport', 'path'] as const;
type Part = (typeof PARTS)[number];

/** What a cell's id is made of, and every cell has. */
export type CellPlace = Readonly<Record<Part, string>>;

/** Six parts, none of them empty. */
export const CELL_ID = new RegExp(`^[^/]+(/[^/]+){${PARTS.length - 1}}$`);

/** The form, for people. */
export const CELL_ID_FORM = PARTS.join('/');

export function cellId(place: CellPlace): string {
  return PARTS.map((part) => place[part]).join('/');
}

/** @param id As {@link CELL_ID} has it. */
export function cellPlace(id: string): CellPlace {
  const [server = '', policy = '', situation = '', variant = '', transport = '', path = ''] = id.split('/');
  return { server, policy, situation, variant, transport, path };
}

/** What the ids of cells have in common that differ in these parts alone, e.g. `kamailio/ms-sipre/udp/direct`. */
export function commonId(place: CellPlace, differing: readonly Part[]): string {
  return PARTS.filter((part) => !differing.includes(part))
    .map((part) => place[part])
    .join('/');
}
