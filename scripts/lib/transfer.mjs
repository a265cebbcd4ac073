// Exports and imports clients as they are stored: one record a line.

import { count, number as grouped, printable, printableJson } from "./terminal.mjs";

/** The limits of one import of the API: lines, and bytes (a little less than it takes). */
const MOST_LINES = 190;
const MOST_BYTES = 900 * 1024;
/** The most rejected lines of a file, and the most warnings, that are printed. */
const MOST_TOLD = 50;

/** Writes the records to stdout. Throws in the end if one could not be read. */
export async function exportClients({ call, terminal }, conditions) {
  const tell = terminal.progress();
  const unreadable = [];
  let written = 0;
  for (let cursor, first = true; first || cursor; first = false) {
    const query = new URLSearchParams({ ...conditions, limit: 200, ...(cursor && { cursor }) });
    const { headers, text } = await call("GET", `/clients/export?${query}`, { retry: true });
    const lines = text.split("\n").filter(Boolean);
    // Records are printed as they are, except on a terminal.
    if (lines.length > 0) await terminal.print((terminal.isTTY ? lines.map(printableJson) : lines).join("\n"));
    for (const line of lines.filter((line) => line.startsWith('{"unreadable"'))) {
      unreadable.push(JSON.parse(line).unreadable);
    }
    written += lines.length;
    tell(`exported ${count(written, "client")}`);
    const next = /^<([^>]*)>; *rel="next"/.exec(headers.get("link") ?? "");
    cursor = next && new URL(next[1], "http://localhost").searchParams.get("cursor");
  }
  if (unreadable.length > 0) {
    throw new Error(`${count(unreadable.length, "record")} cannot be read: ${unreadable.join(", ")}`);
  }
}

/** Remarks about lines: the first ones are kept, the others counted. */
class Remarks {
  first = [];
  total = 0;

  add(remarks, more = 0) {
    this.first.push(...remarks.slice(0, MOST_TOLD - this.first.length));
    this.total += remarks.length + more;
  }

  get more() {
    return this.total - this.first.length;
  }

  tell(terminal, prefix = "") {
    for (const { line, reason } of this.first) terminal.warn(`${prefix}line ${line}: ${printable(reason)}`);
    if (this.more > 0) terminal.warn(`${prefix}and ${grouped(this.more)} more`);
  }
}

/** Sends the records of a file, or of stdin. Throws in the end if one was rejected. */
export async function importClients({ call, terminal }, file, json) {
  const tell = terminal.progress();
  const sums = { imported: 0, existing: 0, deleted: 0, expired: 0 };
  const refused = new Remarks();
  const warnings = new Remarks();
  let done = 0;
  for await (const chunk of chunks(terminal.open(file))) {
    if (chunk[0].line.length > MOST_BYTES) {
      refused.add([{ line: chunk[0].number, reason: `longer than ${grouped(MOST_BYTES)} bytes, which no record is` }]);
    } else {
      const lines = Buffer.concat(chunk.flatMap(({ line }) => [line, Buffer.from("\n")]));
      const response = JSON.parse((await call("POST", "/clients/import", { lines, retry: true })).text);
      for (const name of Object.keys(sums)) sums[name] += response[name];
      const numbered = (remarks = []) => remarks.map((one) => ({ ...one, line: chunk[one.line - 1].number }));
      refused.add(numbered(response.refused), response.more_refused);
      warnings.add(numbered(response.warnings), response.more_warnings);
    }
    done = chunk.at(-1).number;
    tell(`${count(done, "line")} done`);
  }
  if (done === 0) throw new Error(`${file} has no lines`);
  const response = Object.entries({ ...sums, refused: refused.total }).map(([name, sum]) => `${name} ${sum}`);
  const all = {
    ...sums,
    refused: refused.first,
    ...(refused.more > 0 && { more_refused: refused.more }),
    ...(warnings.total > 0 && { warnings: warnings.first }),
    ...(warnings.more > 0 && { more_warnings: warnings.more }),
  };
  await terminal.print(json ? JSON.stringify(all) : response.join(", "));
  warnings.tell(terminal, "warning: ");
  refused.tell(terminal);
  if (refused.total > 0) throw new Error(`${count(refused.total, "line")} rejected`);
}

/** Lines with their numbers, as many at once as one request takes. */
async function* chunks(stream) {
  let chunk = [];
  let bytes = 0;
  for await (const { number, line } of numbered(stream)) {
    if (line.toString("latin1").trim() === "") continue;
    if (chunk.length === MOST_LINES || (chunk.length > 0 && bytes + line.length + 1 > MOST_BYTES)) {
      yield chunk;
      chunk = [];
      bytes = 0;
    }
    chunk.push({ number, line });
    bytes += line.length + 1;
  }
  if (chunk.length > 0) yield chunk;
}

/** The lines of a stream, as bytes: the server rejects lines that are not UTF-8. */
async function* numbered(stream) {
  let number = 1;
  let rest = [];
  for await (const piece of stream) {
    let from = 0;
    for (let at = piece.indexOf("\n"); at >= 0; at = piece.indexOf("\n", from)) {
      yield { number, line: Buffer.concat([...rest, piece.subarray(from, at)]) };
      number += 1;
      rest = [];
      from = at + 1;
    }
    rest.push(piece.subarray(from));
  }
  yield { number, line: Buffer.concat(rest) };
}
