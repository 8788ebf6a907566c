import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { catalogue } from '../../src/reports/catalogue/index.ts';
import { mailBody } from '../../src/reports/deliver/mail-body.ts';
import { summaryOf } from '../../src/reports/deliver/summary.ts';
import { html } from '../../src/reports/render/html.ts';
import type { ReportResult } from '../../src/reports/result.ts';
import { openChromium } from '../support/chromium.ts';
import { parcelOf } from '../support/deliveries-world.ts';
import { sampleSources } from '../support/report-samples.ts';
import { createReportWorld, type ReportWorld } from '../support/report-world.ts';
import { hostileRows, manyRows, sampleReport, sampleTime } from '../unit/reports/render/sample-report.ts';

describe('a report in a browser', () => {
  let world: ReportWorld;
  let browser: Browser | undefined;
  let page: Page;
  const complaints: string[] = [];
  const asked: string[] = [];

  beforeAll(async () => {
    [world, browser] = await Promise.all([createReportWorld(), openChromium()]);
    if (!browser) return;
    page = await browser.newPage();
    page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('request', (request) => asked.push(request.url()));
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await world.remove();
  });
  beforeEach(() => {
    complaints.length = 0;
    asked.length = 0;
  });

  async function open(text: string | Buffer): Promise<string> {
    const file = path.join(world.folder, 'page.html');
    await writeFile(file, text);
    await page.goto(`file://${file}`);
    return file;
  }

  async function pageOf(result: ReportResult): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    for await (const piece of html.render(result, { tempDir: world.folder, job: 'weekly' }))
      pieces.push(piece);
    return Buffer.concat(pieces);
  }

  /** By how many pixels the page is wider than the window. */
  async function overflow(width: number): Promise<number> {
    await page.setViewportSize({ width, height: 800 });
    return page.evaluate(async () => {
      // The page hears of its new width with the next frame.
      for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
      return document.documentElement.scrollWidth - window.innerWidth;
    });
  }

  it('fits a desk and a phone, as a page and as a mail, whatever the report', async () => {
    if (!browser) return;
    const sources = await sampleSources(world, 0.2);
    const wide: string[] = [];
    for (const report of Object.values(catalogue)) {
      const result = await world.open(report, {}, sources);
      const summary = await summaryOf(result, { job: 'weekly' });
      const mail = await mailBody({ ...parcelOf('weekly.1', []), id: 'x', summary }, []);
      expect([report.name, mail.length < 80_000]).toEqual([report.name, true]);
      expect(mail).not.toMatch(/<(?:script|style|img|svg|link)\b/);
      await open(await pageOf(result));
      const page = { desk: await overflow(1280), phone: await overflow(390) };
      await open(mail);
      for (const [where, pixels] of Object.entries({ ...page, mail: await overflow(390) }))
        if (pixels > 0) wide.push(`${report.name}, ${where}: ${pixels}`);
      await result.close();
    }
    expect(wide).toEqual([]);
    expect(complaints).toEqual([]);
  }, 120_000);

  it('runs nothing that is in the names of files, and asks no network', async () => {
    if (!browser) return;
    const result = sampleReport(hostileRows, {
      title: '</title><script>document.title="owned"</script>',
      changes: {
        ...{ added: 1, removed: 0, changed: 0, line: '1 added.' },
        some: [{ kind: 'added', label: '<img src=x onerror=alert(1)>', fields: [] }],
      },
    });
    const summary = await summaryOf(result, { job: 'weekly' });
    for (const text of [
      await pageOf(result),
      await mailBody({ ...parcelOf('weekly.1', []), id: 'x', summary, url: 'javascript:alert(1)' }, []),
    ]) {
      const file = await open(text);
      expect(await page.title()).not.toBe('owned');
      expect(asked.filter((url) => url !== `file://${file}`)).toEqual([]);
      const links = await page.$$eval('a', (all) => all.map((each) => each.getAttribute('href') ?? ''));
      expect(links.filter((href) => !/^https?:/.test(href))).toEqual([]);
      expect(await page.locator('img').count()).toBe(0);
      expect(await page.content()).not.toContain('\u202e');
    }
    expect(complaints).toEqual([]);
  }, 30_000);

  it('says how many rows it left out, and where they are', async () => {
    const text = (await pageOf(manyRows(6_000))).toString('utf8');
    expect(text).toContain('5,000 of 6,000 rows are here');
    expect(text.split('<tbody>').at(-1)?.match(/<tr>/g)).toHaveLength(5_000);
  });

  it('sorts and finds without any network, and on a phone names each row by what names it', async () => {
    if (!browser) return;
    const sizes = [30, 100, 9];
    await page.setViewportSize({ width: 1280, height: 800 });
    await open(
      await pageOf(sampleReport(sizes.map((size) => [`/File ${size}.txt`, size, 1, true, sampleTime, null]))),
    );
    const shown = () => page.locator('.rows tbody tr:visible td:first-child').allTextContents();
    await page.getByRole('button', { name: /^Size/ }).click();
    expect(await shown()).toEqual(['/File 100.txt', '/File 30.txt', '/File 9.txt']);
    await page.getByRole('searchbox').fill('file 30');
    expect(await shown()).toEqual(['/File 30.txt']);
    await page.setViewportSize({ width: 390, height: 800 });
    const order = await page.locator('.rows tbody tr:visible td').evaluateAll((cells) =>
      cells
        .filter((cell) => cell.getBoundingClientRect().height > 0)
        .toSorted((a, b) => a.getBoundingClientRect().top - b.getBoundingClientRect().top)
        .map((cell) => cell.textContent),
    );
    expect(order[0]).toBe('/File 30.txt');
    expect(complaints).toEqual([]);
  }, 30_000);
});
