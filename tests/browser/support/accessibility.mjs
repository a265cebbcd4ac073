// Checks of every page for users who do not see it, or have no mouse.

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

export const desk = { width: 1280, height: 900 };
export const phone = { width: 360, height: 740 };

/** Fails on what axe finds. Evaluated by the debugger, which no CSP stops. Every rule runs; only violations are described. */
export async function check(page, state) {
  // Without `noHtml`, axe serializes each element, with all that is in it, once for each rule.
  if (!(await page.evaluate(() => "axe" in globalThis))) await page.evaluate(`${axe}; axe.configure({ noHtml: true })`);
  const { violations } = await page.evaluate(() => globalThis.axe.run({ resultTypes: ["violations"] }));
  const problems = violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id} ${target}: ${failureSummary}`));
  assert.deepEqual(problems, [], state);
  const [content, window] = await page.evaluate(() => [document.documentElement.scrollWidth, innerWidth]);
  assert.ok(content <= window, `${state}: ${content} pixels in ${window}`);
  // Each part of the page has a margin on both sides, and no frame.
  const parts = await page.locator(".page-header, main, .page-footer").evaluateAll((all) =>
    all.map((part) => {
      const { left, right } = part.getBoundingClientRect();
      return [part.localName, left >= 16 && right <= document.documentElement.clientWidth - 16, getComputedStyle(part).borderLeftStyle];
    }),
  );
  assert.deepEqual(parts, ["header", "main", "footer"].map((name) => [name, true, "none"]), state);
}

/** Writes a picture of the top of the page to the file `path`. */
export async function picture(page, path) {
  // Without "instant", the page would still be scrolling.
  await page.evaluate(() => scrollTo({ top: 0, behavior: "instant" }));
  await page.mouse.move(0, 0);
  await page.screenshot({ path, animations: "disabled" });
}

/** The focused element, and how to move the focus to another; fails if it cannot be seen. */
export function keyboard(page) {
  const focused = () =>
    page.evaluate(() => {
      const node = document.activeElement;
      const label = node.labels?.[0] ?? node;
      return label.textContent.replace(/\s+/g, " ").trim();
    });
  const visible = () => page.evaluate(() => {
    // A frame around a control, or a line at the side of a block.
    const { outlineStyle, outlineWidth, boxShadow } = getComputedStyle(document.activeElement);
    return (outlineStyle !== "none" && parseFloat(outlineWidth) >= 2) || boxShadow !== "none";
  });
  const tabTo = async (wanted, key = "Tab") => {
    for (let n = 0; n < 60; n += 1) {
      await page.keyboard.press(key);
      assert.ok(await visible(), `the focus cannot be seen on ${await focused()}`);
      if ((await focused()).startsWith(wanted)) return;
    }
    assert.fail(`${wanted} cannot be reached`);
  };
  return { focused, tabTo };
}
