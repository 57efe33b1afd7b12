/** For people: `1 cell`, `2,400 cells`; with commas between thousands, whatever the locale. Pure. */
export function counted(count: number, one: string, several = `${one}s`): string {
  return `${count.toLocaleString('en-US')} ${count === 1 ? one : several}`;
}
