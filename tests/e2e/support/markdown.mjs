// The runnable parts of a Markdown page: its fenced blocks, and the commands in its text.

const FENCE = /^( *)(`{3,}|~{3,})(.*)$/;

/** The fenced blocks of a page: `{ page, line, language, text, section }`; `section` counts the headings above. */
export function blocksOf(page, markdown) {
  const blocks = [];
  let open;
  let section = 0;
  for (const [at, line] of markdown.split("\n").entries()) {
    const [, indent, fence, info] = FENCE.exec(line) ?? [];
    if (open) {
      if (fence === open.fence && info.trim() === "") {
        blocks.push({ ...open.block, text: open.lines.join("\n") });
        open = undefined;
      } else {
        open.lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line.trimStart());
      }
    } else if (fence) {
      open = { indent, fence, lines: [], block: { page, line: at + 1, language: info.trim(), section } };
    } else if (/^#+ /.test(line)) section += 1;
  }
  if (open) throw new Error(`${page}:${open.block.line}: the block has no end`);
  return blocks;
}

/** Commands between single backquotes, outside of blocks: `{ page, line, text }`. */
export function spansOf(page, markdown) {
  const inside = blocksOf(page, markdown).map(({ line, text }) => [line, line + 1 + text.split("\n").length]);
  const isText = (line) => !inside.some(([from, to]) => from <= line && line <= to);
  const lines = markdown.split("\n").map((line, at) => (isText(at + 1) ? line : ""));
  return [...lines.join("\n").matchAll(/`((?:npm|node|cargo)\s[^`]+)`/g)].map((match) => ({
    page,
    line: match.input.slice(0, match.index).split("\n").length,
    text: match[1].replace(/\s+/g, " "),
  }));
}
