/** What stands in the address belongs to several parts of the page: each changes its own parameters alone. */
export function queryWith(names: readonly string[], own: URLSearchParams): string {
  const others = [...new URLSearchParams(location.search)].filter(([name]) => !names.includes(name));
  const query = new URLSearchParams([...own, ...others]).toString();
  return query === '' ? '' : `?${query}`;
}

export function setAddress(how: 'pushState' | 'replaceState', address: string): void {
  try {
    history[how](null, '', address);
  } catch {
    // Some browsers let a page of file:// change nothing before the fragment; then it is not in the address.
  }
}

/** Where a cell is in the page. */
export function cellHref(id: string): string {
  return `#${id.split('/').map(encodeURIComponent).join('/')}`;
}
