// Tests one target from the beginning to the end.

import { loadCases, readExpectations, readValues } from "./cases.mjs";
import { DocumentServer } from "./documents.mjs";
import { Http } from "./http.mjs";
import { runCases } from "./runner.mjs";
import { Target } from "./target.mjs";

/** Runs the cases that `options` choose. Returns the target and the results. Rejects if the target does not respond. */
export async function runSuite(options, progress) {
  const cases = loadCases({ groups: options.groups, only: options.only });
  const http = new Http(options);
  const documents = options.documents && (await new DocumentServer(options.documents).start());
  try {
    const target = await new Target({ http, options: { ...options, documents } }).explore();
    const context = { target, named: readExpectations(), values: readValues(), documents, parallel: options.parallel, progress };
    return { target, results: await runCases(cases, context) };
  } finally {
    http.close();
    documents?.close();
  }
}
