// The client of an example, as a reader runs it: it prints a link, and waits for the user who opens it.

import { once } from "node:events";
import { fileURLToPath } from "node:url";

import { spawnGuarded } from "../../../scripts/lib/process.mjs";
import { Browser } from "./browser.mjs";

const examples = new URL("../../../examples/", import.meta.url);

/** Runs `examples/PATH` with `issuer` and `more` arguments; a user fills in the forms behind its link with `fields`. */
export async function runClient(path, issuer, fields, ...more) {
  const child = spawnGuarded(process.execPath, [fileURLToPath(new URL(path, examples)), issuer, ...more]);
  const ended = once(child, "close");
  let output = "";
  const link = new Promise((resolve, reject) => {
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding("utf8").on("data", (text) => {
        output += text;
        const [, found] = /^ {2}(http\S+)\n/m.exec(output) ?? [];
        if (found) resolve(found);
      });
    }
    ended.then(() => reject(new Error(`it has printed no link:\n${output}`)));
  });
  try {
    const url = await link;
    const back = await new Browser().visit(url, { target: new URL(url).searchParams.get("redirect_uri"), fields });
    await (await fetch(back)).text();
    const [code] = await ended;
    return { code, output };
  } finally {
    child.stdin.end();
  }
}
