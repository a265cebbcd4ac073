// Output of the operator's commands. Names of clients come from strangers: nothing of them reaches a terminal
// that it would act on.

import { once } from "node:events";

/** Control characters, and those that are not seen but change what is. */
const INVISIBLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;
const CJK = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\u3000-\u303f\uff01-\uff60]/u;
const EMOJI = /\p{Emoji_Presentation}/u;
const NO_WIDTH = /\p{Mn}/u;

/** Text with whatever a terminal would act on written out. */
export const printable = (text) =>
  text.normalize("NFC").replace(INVISIBLE, (c) => `\\u{${c.codePointAt(0).toString(16)}}`);

const escaped = (c) =>
  c.replace(/[^]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);

/** JSON text, which says the same, with those characters escaped that JSON lets through. */
export const printableJson = (json) => json.replace(/[\x7f-\x9f\p{Cf}\p{Zl}\p{Zp}]/gu, escaped);

const columns = (c) => (NO_WIDTH.test(c) ? 0 : CJK.test(c) || EMOJI.test(c) ? 2 : 1);
const breadth = (text) => [...text].reduce((sum, c) => sum + columns(c), 0);

function cell(text, width) {
  let shown = printable(text);
  if (breadth(shown) > width) {
    const kept = [];
    let left = width - 1;
    for (const c of shown) {
      left -= columns(c);
      if (left < 0) break;
      kept.push(c);
    }
    shown = `${kept.join("")}…`;
  }
  return shown + " ".repeat(width - breadth(shown));
}

/** Rows of cells as lines; columns are as wide as `widths` says, or as what is in them. */
export function table(rows, widths) {
  widths ??= rows[0].map((_, at) => Math.max(...rows.map((row) => breadth(printable(row[at])))));
  return rows.map((row) => row.map((text, at) => cell(text, widths[at])).join("  ").trimEnd()).join("\n");
}

/** Writes to stdout no faster than it is read. */
export async function print(text) {
  if (!process.stdout.write(`${text}\n`)) await once(process.stdout, "drain");
}

// A reader like `head` may close the pipe early; a full disk is an error.
process.stdout.on("error", (error) => {
  if (error.code !== "EPIPE") console.error(error.message);
  process.exit(1);
});

export const number = (many) => many.toLocaleString("en-US");
export const count = (many, noun) => `${number(many)} ${noun}${many === 1 ? "" : "s"}`;

/** Tells on stderr how far long work has come: every second to a terminal, else every ten. */
export function progress() {
  let last = Date.now();
  return (text) => {
    if (Date.now() - last < (process.stderr.isTTY ? 1_000 : 10_000)) return;
    last = Date.now();
    console.error(text);
  };
}

/** Runs a command. It ends with 0, or with 1 and a sentence. */
export async function run(main) {
  try {
    await main();
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
