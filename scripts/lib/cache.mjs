// Tools live in a cache per user, named by version, so that clones share them and versions never
// meet: $ROLLCALL_TOOLS_DIR, or rollcall/tools in the user's cache directory.

import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

const cacheHome = process.env.XDG_CACHE_HOME || join(homedir(), ".cache");
export const toolsDir = process.env.ROLLCALL_TOOLS_DIR || join(cacheHome, "rollcall", "tools");

/** Fills a temporary directory and renames it to `home`, so that `home` is always complete, also when two runs race. */
export async function atomically(home, fill) {
  mkdirSync(toolsDir, { recursive: true });
  const temporary = mkdtempSync(join(toolsDir, ".new-"));
  try {
    await fill(temporary);
    if (!existsSync(home)) renameSync(temporary, home);
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
}
