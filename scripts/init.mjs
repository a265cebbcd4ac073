// rollcall init: writes the configuration of a deployment into the working folder, for editing. HELP is its manual.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

import { commandLine, folder, home, pathFrom, shippedConfiguration } from "./lib/installation.mjs";
import { run } from "./lib/terminal.mjs";
import { firstLine } from "./lib/upgrade.mjs";

const HELP = `${commandLine("init")}      writes wrangler.toml and .dev.vars.example into this folder, for editing

A file that exists stays as it is. ${commandLine("start")} works without either.`;

const FILES = {
  "wrangler.toml": () => `${firstLine()}\n# Comments name pages below docs/: they are in ${pathFrom(folder, "docs")}/.\n#\n${shippedConfiguration(folder)}`,
  ".dev.vars.example": () => readFileSync(join(home, ".dev.vars.example"), "utf8"),
};

run(() => {
  const { values } = parseArgs({ options: { help: { type: "boolean" } } });
  if (values.help) return console.log(HELP);
  for (const [name, text] of Object.entries(FILES)) {
    try {
      writeFileSync(join(folder, name), text(), { flag: "wx" });
      console.log(`${name} is written.`);
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
      console.log(`${name} exists, and stays as it is.`);
    }
  }
});
