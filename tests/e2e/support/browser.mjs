// A user with a browser: keeps cookies, follows redirects, fills in forms; as far as a test needs it.

export class Browser {
  #cookies = new Map();

  /** Goes to `url` and on through every form, filled in with `fields`, until it is sent to `target`: that URL. */
  async visit(url, { target, fields = {} }) {
    let request = { url: new URL(url) };
    for (let steps = 0; steps < 20; steps += 1) {
      const { answer, text } = await this.#send(request);
      const location = answer.headers.get("location");
      if (location) {
        const next = new URL(location, request.url);
        if (next.href.startsWith(target)) return next;
        request = { url: next };
      } else {
        const form = formOf(text);
        if (!form) throw new Error(`${answer.status} from ${request.url}, where the way ends:\n${text}`);
        request = { url: new URL(form.action, request.url), body: new URLSearchParams({ ...form.fields, ...fields }) };
      }
    }
    throw new Error(`no end of redirects, at last to ${request.url}`);
  }

  async #send({ url, body }) {
    const cookie = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    const answer = await fetch(url, { method: body ? "POST" : "GET", headers: { cookie }, body, redirect: "manual" });
    for (const line of answer.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(line);
      this.#cookies.set(name, value);
    }
    return { answer, text: await answer.text() };
  }
}

/** The target of the first form of a page, and the values of its fields; of two buttons the first. */
function formOf(page) {
  const action = /<form[^>]*\baction="([^"]*)"/.exec(page)?.[1];
  if (action === undefined) return undefined;
  const attribute = (tag, name) => decoded(new RegExp(`\\b${name}="([^"]*)"`).exec(tag)?.[1] ?? "");
  const tags = [...page.matchAll(/<(?:input|button)\b[^>]*\bname="[^>]*>/g)].map(([tag]) => tag).reverse();
  const fields = Object.fromEntries(tags.map((tag) => [attribute(tag, "name"), attribute(tag, "value")]));
  return { action: decoded(action), fields };
}

const ENTITIES = { "&amp;": "&", "&quot;": '"', "&lt;": "<", "&gt;": ">", "&#39;": "'" };
const decoded = (text) => text.replace(/&(?:amp|quot|lt|gt|#39);/g, (name) => ENTITIES[name]);
