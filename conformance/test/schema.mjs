// As much of JSON Schema as schema.json uses.

const TYPES = {
  object: (value) => value !== null && typeof value === "object" && !Array.isArray(value),
  array: Array.isArray,
  string: (value) => typeof value === "string",
  boolean: (value) => typeof value === "boolean",
};
const KNOWN = ["$schema", "title", "description", "$defs", "$ref", "type", "enum", "pattern", "minItems", "required", "additionalProperties", "properties", "items", "anyOf"];

/** The violations of a schema by `value`, as sentences. `root` has the definitions. */
export function errorsOf(value, schema, root = schema, at = "") {
  const unknown = Object.keys(schema).filter((name) => !KNOWN.includes(name));
  if (unknown.length > 0) throw new Error(`the schema has ${unknown}`);
  const found = [];
  const check = (holds, text) => holds || found.push(`${at || "the file"} ${text}`);
  if (schema.$ref) found.push(...errorsOf(value, root.$defs[schema.$ref.replace("#/$defs/", "")], root, at));
  if (schema.type) check(TYPES[schema.type](value), `must be of the type ${schema.type}`);
  if (schema.enum) check(schema.enum.includes(value), `must be one of ${schema.enum.join(", ")}`);
  if (schema.pattern) check(typeof value !== "string" || new RegExp(schema.pattern).test(value), `must be like ${schema.pattern}`);
  if (schema.anyOf) check(schema.anyOf.some((one) => errorsOf(value, one, root, at).length === 0), "is none of what is allowed");
  if (Array.isArray(value)) {
    check(value.length >= (schema.minItems ?? 0), `must have ${schema.minItems} entries`);
    if (schema.items) value.forEach((one, index) => found.push(...errorsOf(one, schema.items, root, `${at}/${index}`)));
  } else if (TYPES.object(value)) {
    for (const name of schema.required ?? []) check(Object.hasOwn(value, name), `must have ${name}`);
    for (const [name, one] of Object.entries(value)) {
      const inner = schema.properties?.[name];
      if (inner) found.push(...errorsOf(one, inner, root, `${at}/${name}`));
      else check(schema.additionalProperties !== false, `must not have ${name}`);
    }
  }
  return found;
}
