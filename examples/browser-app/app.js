// The app: its metadata, and the actions of its buttons.

import { discover, leave, registration, signIn, signedIn } from "./client.js";

const issuer = document.querySelector("meta[name=issuer]").content;
const metadata = {
  client_name: "A browser app",
  redirect_uris: [location.origin + location.pathname],
  token_endpoint_auth_method: "none",
};

const element = (id) => document.getElementById(id);
const say = (text) => (element("status").textContent = text);
/** Shows any error where the user looks. */
const orSay = (action) => action().catch((error) => say(error.message));

orSay(async () => {
  const server = await discover(issuer);
  const client = await registration(server, metadata);
  for (const id of ["sign-in", "leave"]) element(id).hidden = false;
  // The registration may have been deleted since. Then the server would show its own error page instead of returning the user.
  element("sign-in").onclick = () => orSay(async () => signIn(server, await registration(server, metadata)));
  element("leave").onclick = () =>
    orSay(async () => {
      await leave(server);
      for (const id of ["sign-in", "leave"]) element(id).hidden = true;
      say("The registration is deleted. Reload the page to register again.");
    });
  const tokens = await signedIn(server);
  if (tokens) say(`Signed in, with a token for ${tokens.scope || "nothing in particular"}.`);
  else say(`Registered as ${client.client_id}.`);
});
