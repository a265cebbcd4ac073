// The parts of an OpenAPI document as elements: groups of operations, and the schemas that they refer to.

import { el } from "../ui/dom.js";

const METHODS = ["get", "post", "put", "patch", "delete"];
const idOf = (text) => text.toLowerCase().replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "");

/** The operations of a document by their first tag, in the order of its tags: `{ name, operations }`. */
export function groupsOf({ tags, paths }) {
  const all = Object.entries(paths).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({ path, method, shared: item.parameters ?? [], ...item[method] })),
  );
  return tags.map(({ name }) => ({ name, operations: all.filter((operation) => operation.tags[0] === name) }));
}

export function groupView({ name, operations }, components) {
  const title = name[0].toUpperCase() + name.slice(1);
  const id = idOf(name);
  return el(
    "section",
    { class: "api-group", id, "aria-labelledby": `${id}-title` },
    el("h2", { id: `${id}-title` }, title),
    operations.map((operation) => operationView(operation, components)),
  );
}

function operationView(operation, components) {
  const { path, method, summary, description, parameters = [], shared, requestBody, responses, security } = operation;
  const all = [...shared, ...parameters];
  const taken = Object.entries(requestBody?.content ?? {});
  return el(
    "article",
    { class: "operation", id: operation.operationId },
    el("h3", {}, el("b", {}, method.toUpperCase()), el("code", {}, path)),
    [summary, description].filter(Boolean).map((text) => el("p", {}, text)),
    security?.length > 0 && el("p", {}, "Token: ", tokensOf(security)),
    all.length > 0 && list("Parameters", all.map(parameter)),
    taken.length > 0 && list("Request body", taken.map(([type, { schema }]) => [el("code", {}, type), schemaOf(schema)])),
    list("Responses", Object.entries(responses).map(([status, one]) => response(status, one, components))),
  );
}

const list = (title, rows) => [
  el("h4", {}, title),
  el("dl", {}, rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)])),
];

/** Of the alternatives in `security`, an empty one says that no token is needed. */
const tokensOf = (security) =>
  security.map((one) => Object.keys(one).join(" and ") || "none").join(", or ");

const parameter = ({ name, in: place, required, description = "" }) => [
  el("code", {}, name),
  `in the ${place}${required ? ", required" : ""}${description && `: ${description}`}`,
];

function response(status, one, components) {
  const { description, content = {} } = one.$ref ? components.responses[one.$ref.split("/").at(-1)] : one;
  const schemas = Object.values(content).map(({ schema }) => [" ", schemaOf(schema)]);
  return [el("code", {}, status), [description, schemas.flat()].flat()];
}

/** What a schema is, in a word or as a link to its members. */
function schemaOf(schema = {}) {
  if (schema.$ref) {
    const name = schema.$ref.split("/").at(-1);
    return el("a", { href: `#${name}` }, name);
  }
  if (schema.allOf) return el("span", {}, schema.allOf.flatMap((part, at) => [at > 0 ? " with " : "", partOf(part)]));
  if (schema.type === "array") return el("span", {}, "a list of ", schemaOf(schema.items));
  if (!schema.properties) return [schema.type].flat().filter(Boolean).join(" or ") || "any value";
  const members = Object.entries(schema.properties).map(([name, { description }]) => [
    el("code", {}, name),
    description ? `: ${description} ` : " ",
  ]);
  return el("span", {}, "an object with ", members.flat());
}

/** A part of a schema that is made of several: a schema, or members with the values that they can have here. */
function partOf(part) {
  if (part.$ref) return schemaOf(part);
  const { properties = {}, required = [] } = part;
  const members = Object.entries(properties).map(([name, { enum: values }]) => (values ? `${name}: ${values.join(" or ")}` : name));
  const others = required.filter((name) => !Object.hasOwn(properties, name)).map((name) => `${name}, required`);
  return [...members, ...others].join(", ");
}

/** The schemas that operations refer to, each with its members. */
export function schemasView({ schemas }) {
  return el(
    "section",
    { class: "api-group", id: "objects", "aria-labelledby": "objects-title" },
    el("h2", { id: "objects-title" }, "Objects"),
    Object.entries(schemas).map(([name, schema]) =>
      el(
        "article",
        { class: "operation", id: name },
        el("h3", {}, name),
        schema.description && el("p", {}, schema.description),
        membersOf(schema, schemas),
      ),
    ),
  );
}

/** The members of a schema; of one that is made of others, of all of them. */
function membersOf(schema, schemas) {
  const parts = [schema, ...(schema.allOf ?? [])].map((part) => (part.$ref ? schemas[part.$ref.split("/").at(-1)] : part));
  const rows = parts.flatMap(({ properties = {} }) =>
    Object.entries(properties).map(([name, value]) => {
      const type = schemaOf(value);
      return [el("code", {}, name), [type, value.description ? ` \u2014 ${value.description}` : ""]];
    }),
  );
  return rows.length > 0 && el("dl", {}, rows.flatMap(([name, value]) => [el("dt", {}, name), el("dd", {}, value)]));
}
