import type { Locator, Page } from 'playwright-core';
import type { ReactVersion } from '../demo/argocd-host/bundle.ts';

/** Whatever is waited for happens; how soon is the machine's affair. */
export const PATIENCE_MS = 120_000;

export interface View {
  readonly react?: ReactVersion;
  readonly theme?: 'light' | 'dark';
}

/** Argo CD's page as a person uses it: the demo's, or the same before a real argocd-server. */
export class ArgocdPage {
  readonly page: Page;
  readonly #base: URL;
  readonly #view: View;
  /** What the page threw or logged as an error, but for answers that are not 2xx. */
  readonly faults: string[] = [];

  /** @param base Argo CD's address, with its root path and a slash at its end */
  constructor(page: Page, base: URL, view: View = {}) {
    this.page = page;
    this.#base = base;
    this.#view = view;
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => this.faults.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !message.text().startsWith('Failed to load resource')) {
        this.faults.push(message.text());
      }
    });
  }

  async open(path: string, parameters: Readonly<Record<string, string>> = {}): Promise<void> {
    const url = new URL(path.replace(/^\//, ''), this.#base);
    for (const [name, value] of Object.entries({ ...this.#view, ...parameters })) url.searchParams.set(name, value);
    await this.page.goto(url.href);
  }

  async openTab(application: string): Promise<void> {
    await this.open(`/applications/argocd/${application}`, { tab: 'source-integrity' });
  }

  /** The tab's one sentence. */
  get headline(): Locator {
    return this.page.locator('.si-banner__sentence');
  }

  /** The verdict's word for each source, in their order. */
  async words(): Promise<string[]> {
    await this.page.locator('.si-source').first().waitFor();
    const words = await this.page.locator('.si-source__verdict > :first-child').allInnerTexts();
    return words.map((word) => word.trim());
  }

  /** Presses Re-verify and waits until the new verdict is there. */
  async reverify(): Promise<void> {
    const button = this.page.locator('.si-banner .si-button');
    const answered = this.page.waitForResponse(
      (response) => response.request().method() === 'POST' && response.url().endsWith('/api/v1/verifications'),
    );
    await button.click();
    await answered;
    await this.page.locator('.si-banner .si-button[aria-disabled="false"]').waitFor();
  }

  /** Opens the Sync panel and synchronizes. Answers the toast of a refusal, null where the sync was let through. */
  async sync(application: string): Promise<string | null> {
    await this.open(`/applications/argocd/${application}`, { deploy: 'all' });
    const panel = this.page.getByRole('dialog', { name: `Sync ${application}` });
    await panel.getByRole('button', { name: 'Synchronize' }).click();
    const toast = this.page.locator('.toast__message');
    await Promise.race([toast.waitFor(), panel.waitFor({ state: 'detached' })]);
    return (await toast.count()) === 0 ? null : toast.innerText();
  }

  async tamper(application: string): Promise<void> {
    await this.openTab(application);
    await this.page.getByRole('button', { name: 'Tamper with the served chart' }).click();
    await this.page.getByRole('button', { name: 'Restore' }).waitFor();
  }

  async restore(application: string): Promise<void> {
    await this.openTab(application);
    await this.page.getByRole('button', { name: 'Restore' }).click();
    await this.page.getByRole('button', { name: 'Tamper with the served chart' }).waitFor();
  }
}
