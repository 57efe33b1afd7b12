/** Words of the page that a reader cannot guess. */
export const GLOSSARY: readonly (readonly [word: string, means: string])[] = [
  ['control', 'the same call without the header. It must be diverted, or the header has shown nothing'],
  ['trap', 'the endpoint that a feature leads to, voice mail for example: a call that gets there was not kept out'],
  ['canary', 'a call of our own that must reach the trap, before and after: it shows that the trap was listening'],
  ['window', 'how long it is watched that nothing comes to the trap: longer than all waits of the server'],
];
