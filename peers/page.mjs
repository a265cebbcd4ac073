// The table of servers, and their failures, as Markdown.

const LEVELS = ["MUST", "SHOULD", "compatibility", "hardening"];
const cells = (values) => `| ${values.join(" | ")} |`;
const escape = (text) => text.replaceAll("|", "\\|").replaceAll("<", "&lt;");

/** One row for each server: passed and failed cases of each level, and how many do not apply. */
export function showTable(rows) {
  const head = ["Server", "Version", "Date", ...LEVELS.map((level) => `${level}: passed, failed`), "not applicable"];
  const line = ({ name, version, date, levels, all }) => [`\`${name}\``, version, date, ...LEVELS.map((level) => `${levels[level].passed}, ${levels[level].failed}`), all.skipped];
  return [cells(head), cells(head.map(() => "---")), ...rows.map((row) => cells(line({ ...row, name: row.name })))].join("\n");
}

/** The failures of the levels MUST and SHOULD: a row for each server and section. */
export function showFailures(rows) {
  const head = ["Server", "Section", "Requirement that a response did not meet", "Cases"];
  const lines = rows.flatMap(({ name, cases }) => {
    const failed = cases.filter(({ outcome, level }) => outcome === "failed" && ["MUST", "SHOULD"].includes(level));
    const sections = [...new Set(failed.map(({ source }) => source))];
    return sections.map((source) => {
      const of = failed.filter((one) => one.source === source);
      return cells([`\`${name}\``, source, escape(of[0].sentence), of.map(({ id }) => `\`${id}\``).join(", ")]);
    });
  });
  return [cells(head), cells(head.map(() => "---")), ...lines].join("\n");
}
