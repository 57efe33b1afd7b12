import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { expect, it } from 'vitest';
import { newId, Ua } from '../kamailio/ua.ts';
import { faultsOf } from '../report/accessibility.ts';
import { describeInBrowser, watchedPage } from '../report/browser.ts';
import { watching } from './watching.ts';

const { WATCH_SCREENSHOTS } = process.env;

describeInBrowser('./ringfence lab --watch', () => {
  it('shows a call, from whom to whom, message by message, while it goes on', async () => {
    await using lab = await watching(['lab', '--watch']);
    await using phone = await Ua.open('127.0.0.1');
    await using wide = await watchedPage();
    await using narrow = await watchedPage({ viewport: { width: 390, height: 844 }, colorScheme: 'dark' });
    const { page } = wide;
    await Promise.all([page.goto(lab.url), narrow.page.goto(lab.url)]);
    expect(await page.locator('#doing').textContent()).toBe('Waiting for a call.');
    expect((await page.locator('pre.command').textContent())?.split('\n')).toHaveLength(6);
    const call = callFrom(phone, await page.locator('pre.command').textContent());

    call.send('INVITE', ['Ms-Target-Class: secondary']);
    await phone.waitFor('180', call.id, (message) => message.status === 180);
    await expect
      .poll(() => laid(page))
      .toEqual([
        'INVITE, caller to server',
        '100 trying -- your call…, server to caller',
        'INVITE, server to phone',
        '100 Trying, phone to server',
        '180 Ringing, phone to server',
        '180 Ringing, server to caller',
      ]);
    await page.locator('.ladder button[data-index="0"]').click();
    await page.locator('.ladder mark', { hasText: 'Ms-Target-Class: secondary' }).waitFor();
    call.send('CANCEL');
    await page.locator('#doing', { hasText: 'final response 487' }).waitFor();
    await expect
      .poll(() => laid(page))
      .toEqual(
        expect.arrayContaining([
          'CANCEL, caller to server',
          'CANCEL, server to phone',
          '487 Request Terminated, phone to server',
        ]),
      );
    // What was open stays so while the ladder grows.
    await page.locator('.ladder mark', { hasText: 'Ms-Target-Class: secondary' }).waitFor();
    await expect.poll(() => laid(narrow.page)).toEqual(expect.arrayContaining(['CANCEL, server to phone']));
    for (const each of [wide, narrow]) {
      expect(await faultsOf(each.page)).toEqual([]);
      expect(each.offences.filter((offence) => !offence.startsWith(`request: ${lab.url}`))).toEqual([]);
      const width = each.page.viewportSize()?.width;
      expect(await each.page.evaluate('document.documentElement.scrollWidth')).toBe(width);
      if (WATCH_SCREENSHOTS === undefined) continue;
      await mkdir(WATCH_SCREENSHOTS, { recursive: true });
      await each.page.screenshot({ path: join(WATCH_SCREENSHOTS, `lab-${width}.png`), fullPage: true });
    }
    lab.interrupt();
    expect((await lab.ended).exitStatus).toBe(0);
    await page.locator('#lost', { hasText: 'has ended' }).waitFor();
  });
});

function callFrom(
  phone: Ua,
  facts: string | null,
): { readonly id: string; send(method: string, lines?: readonly string[]): void } {
  const [, callee = '', host = '', port = ''] = /dial +sip:(\S+) with ([\d.]+):(\d+)/.exec(facts ?? '') ?? [];
  const [id, branch, tag] = [newId(), newId(), newId()];
  return {
    id,
    send: (method, lines = []) =>
      phone.send({ host, port: Number(port) }, `${method} sip:${callee} SIP/2.0`, [
        `Via: SIP/2.0/UDP ${phone.host}:${phone.port};branch=z9hG4bK${branch}`,
        `From: <sip:carol@elsewhere.test>;tag=${tag}`,
        `To: <sip:${callee}>`,
        `Call-ID: ${id}`,
        `CSeq: 1 ${method}`,
        'Max-Forwards: 70',
        `Contact: <sip:carol@${phone.host}:${phone.port}>`,
        ...lines,
      ]),
  };
}

/** Each message of the ladder: what, from whom to whom. */
async function laid(page: Page): Promise<string[]> {
  const names = await page
    .locator('.ladder button[data-index]')
    .evaluateAll((buttons) => buttons.map((button) => button.getAttribute('aria-label') ?? ''));
  return names.map((name) => name.replace(/^-?\d+ ms: /, ''));
}
