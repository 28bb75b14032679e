/** Ctrl-K. */
export function openSearch() {
  // Filled in with the search.
}

export function Search() {
  return null;
}
