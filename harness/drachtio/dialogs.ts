import type { ControlConnection } from './control-connection.ts';
import type { Dialog, Fork } from './dialog.ts';

/** All dialogs of a server, by the id that applications know and by the tags that peers know (RFC 3261 12). */
export class Dialogs {
  readonly #byId = new Map<string, Dialog>();
  readonly #byTags = new Map<string, Dialog>();
  /** Ours that may still hear of forks, by Call-ID and our own tag. */
  readonly #unconfirmed = new Map<string, Dialog>();
  /** Ids given to requests whose dialog may still come. */
  readonly #reserved = new Set<string>();

  get size(): number {
    return this.#byId.size;
  }

  /**
   * `<Call-ID>;from-tag=<tag>`, which is what drachtio-srf looks dialogs up by. Where that is taken (a call to ourselves,
   * or two branches of a fork that both end here) something is added.
   */
  reserveId(callId: string, fromTag: string): string {
    const plain = `${escaped(callId)};from-tag=${escaped(fromTag)}`;
    let id = plain;
    for (let other = 2; this.#byId.has(id) || this.#reserved.has(id); other++) id = `${plain};${other}`;
    this.#reserved.add(id);
    return id;
  }

  release(id: string): void {
    this.#reserved.delete(id);
  }

  /** `waitsForForks`: our own request has gone out, and nobody has answered it. */
  add(dialog: Dialog, waitsForForks = false): void {
    this.#byId.set(dialog.id, dialog);
    if (waitsForForks) this.#unconfirmed.set(halfKey(dialog.callId, dialog.localTag), dialog);
    for (const fork of dialog.forks.values()) this.index(dialog, fork);
  }

  /** The dialog is found by this fork's tag from now on. */
  index(dialog: Dialog, fork: Fork): void {
    this.#byTags.set(fullKey(dialog.callId, dialog.localTag, fork.tag), dialog);
  }

  /** One fork has answered: the others are no longer ours to speak with. */
  confirm(dialog: Dialog, fork: Fork): void {
    for (const tag of dialog.forks.keys()) this.#byTags.delete(fullKey(dialog.callId, dialog.localTag, tag));
    this.#forgetHalf(dialog);
    dialog.confirm(fork);
    this.index(dialog, fork);
  }

  remove(dialog: Dialog): void {
    if (this.#byId.get(dialog.id) !== dialog) return;
    this.#byId.delete(dialog.id);
    this.#reserved.delete(dialog.id);
    this.#forgetHalf(dialog);
    for (const tag of dialog.forks.keys()) this.#byTags.delete(fullKey(dialog.callId, dialog.localTag, tag));
    dialog.dispose();
  }

  byId(id: string): Dialog | undefined {
    return this.#byId.get(id);
  }

  /** As a request or response names it. A fork that was not heard of before belongs to the dialog that waits for it. */
  byTags(callId: string, localTag: string, remoteTag: string): Dialog | undefined {
    return this.#byTags.get(fullKey(callId, localTag, remoteTag)) ?? this.#unconfirmed.get(halfKey(callId, localTag));
  }

  /** A confirmed dialog in which an application speaks that knows only Call-ID and its own tag. */
  byLocalTag(callId: string, localTag: string, owner: ControlConnection): Dialog | undefined {
    const dialog = this.#byId.get(`${escaped(callId)};from-tag=${escaped(localTag)}`);
    return dialog?.confirmed && dialog.owner === owner && dialog.localTag === localTag ? dialog : undefined;
  }

  *of(owner: ControlConnection): IterableIterator<Dialog> {
    for (const dialog of this.#byId.values()) if (dialog.owner === owner) yield dialog;
  }

  #forgetHalf(dialog: Dialog): void {
    if (this.#unconfirmed.size === 0) return; // as in a server that is only called
    const key = halfKey(dialog.callId, dialog.localTag);
    if (this.#unconfirmed.get(key) === dialog) this.#unconfirmed.delete(key);
  }
}

function halfKey(callId: string, localTag: string): string {
  return `${callId}\n${localTag}`;
}

function fullKey(callId: string, localTag: string, remoteTag: string): string {
  return `${callId}\n${localTag}\n${remoteTag}`;
}

/** Bars and line ends would break the leader line; bytes that are no text would not come back as they went. */
function escaped(text: string): string {
  return text.replace(/[^\x21-\x7b\x7d\x7e]/g, (char) => `%${char.charCodeAt(0).toString(16).padStart(2, '0')}`);
}
