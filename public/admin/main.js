// The page at /admin/: asks for the operator's token, shows the content with it, and forgets both.

import { byId } from "../ui/dom.js";
import { isToken, request, send } from "../ui/http.js";
import { showDocumentation } from "../ui/documentation.js";
import { reveal } from "../ui/reveal.js";
import { offerAnother, openIssuer } from "../ui/issuer-form.js";
import { showContent } from "./unlocked.js";
import { OFF, Operator, explain } from "./operator.js";

const { path, metadata, problem, missing } = await openIssuer();
const token = byId("token");
const say = (text) => {
  byId("unlock-status").textContent = text;
  reveal(byId("unlock-status"));
};
let operator;

async function unlock(event) {
  event.preventDefault();
  const entered = token.value.trim();
  token.value = "";
  token.focus();
  if (!entered) return say("Enter the operator\u2019s token.");
  if (!isSecureContext) return say("This page was not loaded with https, so others could read the token.");
  if (!isToken(entered)) return say("The token has characters that are not allowed in a header.");
  say("Waiting for the server.");
  const asked = (operator = new Operator(path, entered));
  const answer = await asked.call("GET", "/clients?limit=1");
  // Somebody has tried again meanwhile.
  if (asked !== operator) return;
  if (!answer.ok) return say(explain(answer));
  asked.onrefused = (why) => {
    lock(`Locked: ${why}`);
    token.focus();
  };
  show(true);
  say("");
  byId("content").replaceChildren(byId("content-template").content.cloneNode(true));
  showContent(asked, metadata);
  byId("clients-title").focus({ preventScroll: true });
}

/** Everything that was shown leaves the document with the content. */
function lock(why) {
  operator?.forget();
  operator = undefined;
  token.value = "";
  byId("content").replaceChildren();
  byId("announcement").textContent = "";
  show(false);
  say(why);
}

function show(open) {
  byId("unlock").hidden = open;
  byId("nav").hidden = !open;
  byId("lock").hidden = !open;
}

/** Whether the operator's API is there: without a token, it answers 401 if it is, and 404 if it is not. */
async function isOff() {
  const { status } = await send(request("GET", `${location.origin}${path}/admin/clients?limit=1`));
  return status === 404;
}

if (missing) {
  offerAnother(problem);
} else if (await isOff()) {
  byId("problem").textContent = OFF;
} else {
  byId("issuer").textContent = metadata?.issuer ?? location.origin + path;
  byId("facts").hidden = false;
  showDocumentation(metadata);
  if (problem) byId("problem").textContent = `The discovery document cannot be read: ${problem}`;
  byId("unlock-form").addEventListener("submit", unlock);
  byId("lock").addEventListener("click", () => {
    lock("Locked. The token was removed from this page.");
    token.focus();
  });
  // A browser may keep a page that was left, memory and all, to go back to.
  addEventListener("pagehide", () => lock(""));
  byId("unlock").hidden = false;
}
