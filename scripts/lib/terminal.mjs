// Output of the operator's commands. Names of clients come from strangers: nothing of them reaches a terminal
// that it would act on.

import { once } from "node:events";
import { createReadStream } from "node:fs";
import { text } from "node:stream/consumers";

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

/** A JSON response for a program, as it came, or for a person, indented. */
export const shownJson = (json, { forProgram }) => printableJson(forProgram ? json.trim() : JSON.stringify(JSON.parse(json), null, 2));

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

/** The streams and the environment of a command: those of this process, or of a test that runs the command itself. */
export class Terminal {
  constructor(streams = process) {
    this.streams = streams;
    this.env = streams.env;
  }

  /** Writes a line to stdout, no faster than it is read. */
  async print(text) {
    const { stdout } = this.streams;
    if (!stdout.write(`${text}\n`)) await once(stdout, "drain");
  }

  /** Writes a line to stderr. */
  warn(text) {
    this.streams.stderr.write(`${text}\n`);
  }

  /** Whether a person reads stdout. */
  get isTTY() {
    return this.streams.stdout.isTTY ?? false;
  }

  /** A file as a stream; - is stdin. */
  open(file) {
    return file === "-" ? this.streams.stdin : createReadStream(file);
  }

  /** The text of a file; - is stdin. */
  read(file) {
    return text(this.open(file));
  }

  /** Writes to stderr how far long work has come: every second to a terminal, else every ten. */
  progress() {
    let last = Date.now();
    return (text) => {
      if (Date.now() - last < (this.streams.stderr.isTTY ? 1_000 : 10_000)) return;
      last = Date.now();
      this.warn(text);
    };
  }

  /** Runs a command. Returns its exit code: 0, or 1 after a sentence on stderr. */
  async run(command) {
    try {
      await command(this);
      return 0;
    } catch (error) {
      this.warn(error.message);
      return 1;
    }
  }
}

/** Runs the command of a script, in this process and with its exit code. */
export async function run(command) {
  // A reader like `head` may close the pipe early; a full disk is an error.
  process.stdout.on("error", (error) => {
    if (error.code !== "EPIPE") console.error(error.message);
    process.exit(1);
  });
  // A command can do its work without stderr.
  process.stderr.on("error", () => {});
  process.exitCode = await new Terminal().run(command);
}

export const number = (many) => many.toLocaleString("en-US");
export const count = (many, noun) => `${number(many)} ${noun}${many === 1 ? "" : "s"}`;
