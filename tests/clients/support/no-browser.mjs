// Preloaded into a client that would open a browser: it starts no process at all.

import childProcess from "node:child_process";
import { EventEmitter } from "node:events";

childProcess.spawn = () => Object.assign(new EventEmitter(), { unref() {} });
