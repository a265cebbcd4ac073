// The clients that were registered here. They are kept for this tab and this issuer only, and end with the tab.

const KEY = "rollcall.clients";

/** Members that only the server assigns: an update must not send them (RFC 7592 section 2.2). */
export const ASSIGNED = [
  "software_statement_notes",
  "client_id_issued_at",
  "client_secret",
  "client_secret_expires_at",
  "registration_access_token",
  "registration_client_uri",
];

export class Clients {
  #all;

  constructor(issuer) {
    this.issuer = issuer;
    this.#all = load();
  }

  list() {
    return this.#all.filter(({ issuer }) => issuer === this.issuer);
  }

  find(id) {
    return this.list().find(({ information }) => information.client_id === id);
  }

  /** Keeps what an answer says; its token replaces the former one. Most servers return a secret only once. */
  keep(information, etag) {
    const former = this.find(information.client_id);
    // The expiry is there as long as there is a secret, and the secret where it is new or sealed.
    const secret = "client_secret_expires_at" in information ? former?.information.client_secret : undefined;
    const client = { issuer: this.issuer, etag, information: { ...(secret && { client_secret: secret }), ...information } };
    if (former) this.#all[this.#all.indexOf(former)] = client;
    else this.#all.unshift(client);
    save(this.#all);
  }

  forget(id) {
    const gone = this.find(id);
    this.#all = this.#all.filter((client) => client !== gone);
    save(this.#all);
  }
}

/** The starting point for an update of this client. */
export function forUpdate({ information }) {
  return Object.fromEntries(Object.entries(information).filter(([name]) => !ASSIGNED.includes(name)));
}

/** Whether a client can be managed. A shared one cannot: it has no token. */
export const isManaged = ({ information }) => information.registration_access_token !== undefined;

export const tokenOf = ({ information }) => ({
  name: "registration_access_token",
  value: information.registration_access_token,
});

// A browser that keeps nothing for a page makes no difference but that a reload forgets.
function load() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) ?? [];
  } catch {
    return [];
  }
}

function save(clients) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(clients));
  } catch {
    // They are still in memory.
  }
}
