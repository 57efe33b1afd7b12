import { cellId, cellPlace } from '../../../model/cell-id.ts';
import type { MatrixBlock, MatrixReasons } from '../page-data.ts';
import { loadData, page } from './load-data.ts';
import { isFoundIn, isMessageWord } from './message-search.ts';

/** Whether a cell is wanted, of its table: by index of its variant, column, and place. */
type CellTest = (variant: number, column: number, place: number) => boolean;

const { columns, blocks, verdicts } = page.matrix;
/** Verdict by character, and whether the cell is unsteady. */
const CHARACTERS: readonly { readonly character: string; readonly names: readonly string[] }[] = verdicts.flatMap(
  (verdict, index) => [
    { character: String(index), names: [verdict] },
    { character: String(index + verdicts.length), names: [verdict, 'unsteady'] },
  ],
);

/** Where a place of a table has no cell. */
const NO_CELL = '.';

/** What cells are found by, in lower case. */
const situationWords = columns.map(({ situation }) => situation.toLowerCase());
const variantWords = page.variants.map(({ id, title }) => `${id}${title}`.toLowerCase());
const variantIds = page.variants.map(({ id }) => id.toLowerCase());
const blockWords = blocks.map(({ server, policy, transport, path }) =>
  [server, policy, transport, path].map((part) => part.toLowerCase()),
);

/** Reasons in lower case, and for each table the index of each place's text, or -1. */
interface Reasons {
  readonly texts: readonly string[];
  readonly at: readonly Int32Array[];
  /** Of a place, as it is written; empty where there was none. */
  readonly statusOf: (index: number, place: number) => string;
}

/** `null` until they are there. */
let reasons = typeof page.matrix.reasons === 'string' ? null : unfolded(page.matrix.reasons);

export const columnCount = columns.length;

export function rowCount(index: number): number {
  return blockAt(index).variants.length;
}

function blockAt(index: number): MatrixBlock {
  const block = blocks[index];
  if (block === undefined) throw new Error(`The page's data have no table ${index}: they are of another page.`);
  return block;
}

/** Reasons of a large run come later. @returns whether they were missing */
export async function loadReasons(): Promise<boolean> {
  const { reasons: file } = page.matrix;
  if (reasons !== null || typeof file !== 'string') return false;
  reasons = unfolded(await loadData<MatrixReasons>(file, { keep: true }));
  return true;
}

function unfolded({ texts, at, statuses, statusAt }: MatrixReasons): Reasons {
  const perBlock = at.map((pairs, index) => {
    const textOf = new Int32Array(blockAt(index).cells.length).fill(-1);
    for (let pair = 0; pair < pairs.length; pair += 2) textOf[pairs[pair] ?? 0] = pairs[pair + 1] ?? -1;
    return textOf;
  });
  const statusOf = (index: number, place: number): string =>
    String(statuses[(statusAt[index]?.charCodeAt(place) ?? 0) - '0'.charCodeAt(0)] ?? '');
  return { texts: texts.map((text) => text.toLowerCase()), at: perBlock, statusOf };
}

/**
 * A function that says of each table which of its cells are wanted: a byte per place, 1 where one is.
 *
 * @param choices Names and values of what is chosen; others are left out.
 * @param wantedVerdicts Empty: all.
 * @param words In lower case; a cell has them all.
 */
export function cellFilter(
  choices: Readonly<Record<string, string>>,
  wantedVerdicts: readonly string[],
  words: readonly string[],
): (index: number) => Uint8Array {
  const characters = new Set(
    CHARACTERS.filter(
      ({ names }) => wantedVerdicts.length === 0 || names.some((name) => wantedVerdicts.includes(name)),
    ).map(({ character }) => character),
  );
  const inColumn = columns.map(({ feature }) => choices.feature === undefined || feature === choices.feature);
  const inVariant = page.variants.map(({ id }) => choices.variant === undefined || id === choices.variant);
  const searches = words.map(wordSearch);
  return (index) => {
    const block = blockAt(index);
    const wanted = new Uint8Array(block.cells.length);
    const shared = ['policy', 'server', 'transport'] as const;
    if (shared.some((name) => choices[name] !== undefined && block[name] !== choices[name])) return wanted;
    const here = searches.map((search) => search(index)).filter((each) => each !== null);
    let place = 0;
    for (const variant of block.variants) {
      for (let column = 0; column < columns.length; column += 1, place += 1) {
        if (!inVariant[variant] || !inColumn[column] || !characters.has(block.cells.charAt(place))) continue;
        if (here.every((found) => found(variant, column, place))) wanted[place] = 1;
      }
    }
    return wanted;
  };
}

/** `policy:plain`, `status:480`: words of one part of a cell alone. A status may be a beginning, `status:4`; others are whole. */
function fieldSearch(word: string): ((index: number) => CellTest) | null {
  if (isMessageWord(word)) return (index) => (_variant, _column, place) => isFoundIn(word, idAt(index, place));
  const [, field = '', value = ''] = /^([a-z]+):(.+)$/.exec(word) ?? [];
  const sharedAt = ['server', 'policy', 'transport', 'path'].indexOf(field);
  if (sharedAt !== -1) {
    return (index) => {
      const isOwn = blockWords[index]?.[sharedAt] === value;
      return () => isOwn;
    };
  }
  if (field === 'feature') return () => (_variant, column) => columns[column]?.feature === value;
  if (field === 'situation') return () => (_variant, column) => situationWords[column] === value;
  if (field === 'variant') return () => (variant) => variantIds[variant] === value;
  if (field === 'status')
    return (index) => (_variant, _column, place) => reasons?.statusOf(index, place).startsWith(value) === true;
  if (field !== 'verdict') return null;
  const wanted = new Set(CHARACTERS.filter(({ names }) => names.includes(value)).map(({ character }) => character));
  return (index) => (_variant, _column, place) => wanted.has(blockAt(index).cells.charAt(place));
}

/** The cell of a place; null where there is none. */
export function idAt(index: number, place: number): string | null {
  const { server, policy, transport, path, variants, cells } = blockAt(index);
  const situation = columns[place % columnCount]?.situation;
  const variant = page.variants[variants[Math.floor(place / columnCount)] ?? -1]?.id;
  if (situation === undefined || variant === undefined || (cells[place] ?? NO_CELL) === NO_CELL) return null;
  return cellId({ server, policy, situation, variant, transport, path });
}

/** Where a cell is; null where the page has none such. */
export function placeOf(id: string): { readonly index: number; readonly place: number } | null {
  const { situation, variant, ...shared } = cellPlace(id);
  const index = blocks.findIndex(
    ({ server, policy, transport, path }) =>
      server === shared.server && policy === shared.policy && transport === shared.transport && path === shared.path,
  );
  const row = blocks[index]?.variants.findIndex((at) => page.variants[at]?.id === variant) ?? -1;
  const column = columns.findIndex((each) => each.situation === situation);
  return row === -1 || column === -1 ? null : { index, place: row * columnCount + column };
}

/** Looks a word up once in whatever many cells share, so that a table of a thousand cells costs no search of texts. */
function wordSearch(word: string): (index: number) => CellTest | null {
  const inField = fieldSearch(word);
  if (inField !== null) return inField;
  const inSituation = situationWords.map((text) => text.includes(word));
  const inVariant = variantWords.map((text) => text.includes(word));
  const inText = reasons?.texts.map((text) => text.includes(word)) ?? [];
  return (index) => {
    const shared = blockWords[index] ?? [];
    // Found in what all cells of the table share.
    if (shared.some((part) => part.includes(word))) return null;
    const [server = '', policy = '', transport = '', path = ''] = shared;
    const place = { server, policy, transport, path };
    const textOf = reasons?.at[index];
    const inReason = (at: number): boolean => {
      const text = textOf?.[at] ?? -1;
      return text >= 0 && inText[text] === true;
    };
    // Only a word with a slash can reach over several parts of an id.
    const inId: CellTest = word.includes('/')
      ? (variant, column) =>
          cellId({
            ...place,
            situation: situationWords[column] ?? '',
            variant: variantIds[variant] ?? '',
          }).includes(word)
      : () => false;
    return (variant, column, at) =>
      inVariant[variant] === true || inSituation[column] === true || inReason(at) || inId(variant, column, at);
  };
}
