// The exchange: the request that was sent, or that would be, as HTTP and for a shell; and the answer.

import { codeView } from "../ui/code-view.js";
import { el } from "../ui/dom.js";
import { masked, secretsOfAnswer, secretsOfRequest, writeAnswer, writeCurl, writeRequest } from "../ui/write-http.js";
import { outcomeView } from "./outcome-view.js";

/** `answer` is missing while the request has not been sent. */
export function exchangeView(request, answer) {
  const secrets = secretsOfRequest(request);
  const views = [
    codeView({ title: "Request", secrets, write: (revealed) => masked(writeRequest(request), secrets, revealed) }),
    codeView({ title: "curl", secrets, write: (revealed) => writeCurl(request, secrets, revealed) }),
  ];
  if (!answer) return [...views, el("p", { class: "hint" }, "Not sent yet.")];
  if (answer.failure) return [...views, el("p", { class: "hint" }, "There was no response.")];
  const answered = secretsOfAnswer(answer);
  // Its own token comes back in the answer of an update.
  const all = [...answered, ...secrets.filter(({ value }) => !answered.some((one) => one.value === value))];
  const text = writeAnswer(answer);
  const write = (revealed) => masked(text, all, revealed);
  const shown = codeView({ title: `Response: ${answer.status} ${answer.reason}`, secrets: answered, write });
  const outcome = answer.ok && request.body ? [outcomeView(request.body, answer.json)] : [];
  return [...outcome, shown, ...views];
}
