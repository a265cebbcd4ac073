// Every URI that the Worker accepts means the same to its own parser, to Node and to Chromium: what is written.

import assert from "node:assert/strict";
import { before, test } from "node:test";

import { bareServer, launched } from "./support/page.mjs";
import { asWritten, nearUris, readings } from "./support/uris.mjs";

const BATCHES = 12;

let server;
before(async () => (server = await bareServer()));

/** The problems of a registration of these members: their places; empty if it would be accepted. */
async function wrongIn(members) {
  const answer = await fetch(`${server.url}/reg?dry_run=true`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(members),
  });
  if (answer.ok) return answer.arrayBuffer().then(() => []);
  const { errors, ...rest } = await answer.json();
  assert.ok(errors?.length > 0, JSON.stringify(rest));
  return errors.map(({ member }) => member);
}

/** Those of `uris` that the Worker accepts in a registration: `members` says which it has, `place` where each is. */
async function accepted(uris, members, place) {
  for (let left = uris; left.length > 0; ) {
    const wrong = new Set(await wrongIn(members(left)));
    const kept = left.filter((_, at) => !wrong.has(place(at)));
    if (wrong.size === 0) return left;
    assert.ok(kept.length < left.length, [...wrong].join());
    left = kept;
  }
  return [];
}

const tag = (at) => String.fromCharCode(97 + Math.floor(at / 26), 97 + (at % 26));
const asRedirects = (uris) => accepted(uris, (redirect_uris) => ({ redirect_uris }), (at) => `/redirect_uris/${at}`);
const asLinks = (uris) =>
  accepted(
    uris,
    (links) => {
      const members = links.map((link, at) => [`tos_uri#${tag(at)}`, link]);
      return { redirect_uris: ["https://app.example/cb"], ...Object.fromEntries(members) };
    },
    (at) => `/tos_uri#${tag(at)}`,
  );

test("every URI that the Worker accepts is read as it is written by Node and by Chromium", async () => {
  const batches = Array.from({ length: BATCHES }, () => nearUris(100));
  const kept = await Promise.all(batches.map((uris, nth) => (nth % 2 === 0 ? asRedirects(uris) : asLinks(uris))));
  const uris = kept.flat();
  // Else there would be nothing to compare.
  for (const [what, pattern, least] of [
    ["URIs", /^/, 200],
    ["xn-- labels", /xn--/i, 20],
    ["ports", /:\d+([/?]|$)/, 10],
    ["percent-encodings", /%/, 20],
    ["brackets", /[[\]]/, 10],
  ]) {
    const count = uris.filter((uri) => pattern.test(uri)).length;
    assert.ok(count >= least, `${count} ${what} among ${uris.length}`);
  }
  const page = await (await launched()).newPage();
  const read = { Node: readings(uris), Chromium: await page.evaluate(`(${readings})(${JSON.stringify(uris)})`) };
  for (const [reader, all] of Object.entries(read)) {
    // One by one: the first difference says enough.
    all.forEach((one, at) => assert.deepEqual(one, asWritten(uris[at]), reader));
  }
});
