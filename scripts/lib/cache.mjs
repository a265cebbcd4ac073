// Tools live in a cache per user, named by version, so that clones share them and versions never
// meet: $ROLLCALL_TOOLS_DIR, or rollcall/tools in the user's cache directory.

import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const cacheHome = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
export const toolsDir = process.env.ROLLCALL_TOOLS_DIR || join(cacheHome, "rollcall", "tools");

/** Fills a directory beside its place and moves it there: never half, and two runs may race. */
export function atomically(home, fill) {
  mkdirSync(toolsDir, { recursive: true });
  const temporary = mkdtempSync(join(toolsDir, ".new-"));
  try {
    fill(temporary);
    if (!existsSync(home)) renameSync(temporary, home);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
