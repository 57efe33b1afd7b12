/** Users of URIs, in whatever spelling a server writes them. Pure. */

/**
 * One spelling for all that are the same user: without password and parameters (`bob;phone-context=x`), escapes (RFC 3261
 * 19.1.4), upper case, `+`, and the visual separators of a telephone number (RFC 3966 3).
 */
export function plainUser(user: string): string {
  const plain = unescaped(user.replace(/[;:].*/, '')).toLowerCase();
  const digits = plain.replace(/[-.()]/g, '');
  return /^\+?\d+$/.test(digits) ? digits.replace('+', '') : plain.replace(/^\+/, '');
}

/**
 * Users of the SIP and tel URIs in a text, plain, each once: also of a URI inside another one's header fields
 * (`?History-Info=%3Csip%3Abob%40...`). What merely looks like a name, a port or a branch say, is none.
 */
export function usersIn(text: string): string[] {
  const users = [...(text.match(SIP_USER) ?? []), ...(text.match(TEL_NUMBER) ?? [])].map(plainUser);
  const nested = [...text.matchAll(ESCAPED_URI)].flatMap(([uri]) => usersIn(unescaped(uri)));
  return [...new Set([...users, ...nested])];
}

/** A comma may stand in a user, but more often it stands between two URIs. */
const SIP_USER = /(?<=\bsips?:)[^@\s<>",]+(?=@)/gi;
const TEL_NUMBER = /(?<=\btel:)[^\s<>",;?@]+/gi;
const ESCAPED_URI = /(?:sips?|tel)%3a[^\s<>"&?;]+/gi;

/** `%61` is `a`. A text that escapes nothing comes back as it is. */
export function unescaped(text: string): string {
  if (!text.includes('%')) return text;
  return text.replace(/%([2-7][0-9a-f])/gi, (_all, code: string) => String.fromCharCode(Number.parseInt(code, 16)));
}
