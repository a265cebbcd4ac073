// A chart of the CPU times, as SVG. Neutral colours on a ground of its own: readable on light and dark pages.

import { cpuOf } from "./stats.mjs";

const SHOWN = ["empty", "floor-js", "floor-wasm", "oauth-provider", "oidc-provider", "rollcall"];
const TITLES = { register: "a registration", discover: "a discovery document", read: "reading a registration" };
const [WIDTH, LEFT, RIGHT, ROW, HEAD] = [760, 190, 130, 22, 40];

const escaped = (text) => text.replace(/[&<>"]/g, (character) => `&#${character.charCodeAt(0)};`);

export function chart({ costs, date, machine }, labels) {
  const operations = Object.keys(TITLES).filter((operation) => costs[operation]);
  const all = operations.flatMap((operation) => SHOWN.map((name) => cpuOf(costs, operation, name)?.micros ?? 0));
  const scale = (WIDTH - LEFT - RIGHT) / Math.max(...all);
  let y = 16;
  const panels = operations.map((operation) => {
    const rows = SHOWN.filter((name) => costs[operation][name]);
    const top = y + HEAD;
    y = top + rows.length * ROW;
    const bars = rows.map((name, n) => bar(labels[name], cpuOf(costs, operation, name), top + n * ROW, scale, name));
    return `<text class="title" x="16" y="${top - 12}">CPU time of ${TITLES[operation]}</text>${bars.join("")}`;
  });
  const height = y + 40;
  const what = "Microseconds of the server process a request, and the ratio to the JavaScript floor.";
  const foot = escaped(`${what} ${date}, ${machine.cpu}.`);
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${foot}">
<style>
  .ground { fill: #f6f5f2; }
  text { font: 13px system-ui, sans-serif; fill: #333; }
  .title { font-weight: 600; }
  .foot { font-size: 11px; fill: #666; }
  .bar { fill: #9aa3ab; }
  .rollcall { fill: #c2571a; }
  @media (prefers-color-scheme: dark) {
    .ground { fill: #22262a; }
    text { fill: #ddd; }
    .foot { fill: #aaa; }
    .bar { fill: #76808a; }
    .rollcall { fill: #e0804a; }
  }
</style>
<rect class="ground" width="${WIDTH}" height="${height}" rx="8"/>
${panels.join("\n")}
<text class="foot" x="16" y="${height - 14}">${foot}</text>
</svg>
`;
}

function bar(label, { micros, ratio }, y, scale, name) {
  const width = (micros * scale).toFixed(1);
  const end = LEFT + Number(width) + 6;
  const drawn = `${Math.round(micros)} µs${ratio ? ` · ${ratio.toFixed(2)}` : ""}`;
  return `<text x="${LEFT - 8}" y="${y + 14}" text-anchor="end">${escaped(label.replaceAll("*", ""))}</text>
<rect class="bar ${name}" x="${LEFT}" y="${y + 3}" width="${width}" height="${ROW - 7}" rx="2"/>
<text x="${end}" y="${y + 14}">${drawn}</text>
`;
}
