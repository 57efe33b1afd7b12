import { writeFile } from 'node:fs/promises';
import { Readable } from 'node:stream';
import type { AllureReport } from '@allurereport/core';

type ResultFile = Parameters<AllureReport['readResult']>[0];

/**
 * The text of one of Allure's JSON files, for its report to read. Allure's own class for text in memory passes it through
 * a stream, as if it were a file.
 */
export class AllureResult implements ResultFile {
  readonly #name: string;
  readonly #json: string;

  constructor(name: string, json: string) {
    this.#name = name;
    this.#json = json;
  }

  getOriginalFileName(): string {
    return this.#name;
  }

  getExtension(): string {
    return '.json';
  }

  getContentType(): string {
    return 'application/json';
  }

  getContentLength(): number {
    return Buffer.byteLength(this.#json);
  }

  async asJson<T>(): Promise<T> {
    return JSON.parse(this.#json) as T;
  }

  async asUtf8String(): Promise<string> {
    return this.#json;
  }

  async asBuffer(): Promise<Buffer> {
    return Buffer.from(this.#json);
  }

  async readContent<T>(transform: (stream: Readable) => Promise<T | undefined>): Promise<T | undefined> {
    return transform(Readable.from([Buffer.from(this.#json)]));
  }

  async writeTo(path: string): Promise<void> {
    await writeFile(path, this.#json);
  }
}
