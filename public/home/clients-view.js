// The list of what was registered here.

import { button, el } from "../ui/dom.js";
import { secretValue } from "../ui/secret.js";
import { time } from "../ui/time.js";
import { isManaged } from "./clients.js";

/** `actions` are functions of a client_id: `read`, `edit`, `remove`, `forget`. `selected` is being edited. */
export function clientsView(clients, selected, actions) {
  return clients.map((client) => {
    const { information } = client;
    const id = information.client_id;
    const name = information.client_name ?? id;
    const heading = el("h3", { id: `client-${id}`, tabindex: "-1" }, name);
    const addButton = (text, action, kind) => {
      const node = button(text, () => action(id), { class: kind });
      node.append(el("span", { class: "visually-hidden" }, ` ${name}`));
      return node;
    };
    const managing = [
      addButton("Read", actions.read),
      addButton("Edit", actions.edit),
      addButton("Delete", actions.remove, "danger"),
    ];
    const buttons = [...(isManaged(client) ? managing : []), addButton("Forget", actions.forget, "quiet")];
    const mark = id === selected ? el("p", { class: "mark" }, "Being edited") : undefined;
    const tools = el("div", { class: "tools" }, buttons);
    return el("li", { class: "client" }, heading, mark, el("dl", {}, facts(information)), tools);
  });
}

function facts(information) {
  const shown = [];
  const fact = (member, value) => shown.push(el("dt", {}, el("code", {}, member)), el("dd", {}, value));
  const plain = (member) => information[member] && fact(member, el("code", { class: "value" }, information[member]));
  const secret = (name) => information[name] && fact(name, secretValue({ name, value: information[name] }));
  plain("client_id");
  fact("client_id_issued_at", time(information.client_id_issued_at));
  plain("token_endpoint_auth_method");
  secret("client_secret");
  const expires = information.client_secret_expires_at;
  if (expires !== undefined) fact("client_secret_expires_at", expires === 0 ? "never" : time(expires));
  secret("registration_access_token");
  plain("registration_client_uri");
  return shown;
}
