// The members that have a field of their own. Every other is written as JSON.

export const FIELDS = [
  {
    member: "client_name",
    label: "Name",
    kind: "text",
    hint: "The name that users see when they give their consent.",
  },
  {
    member: "redirect_uris",
    label: "Redirect URIs",
    kind: "lines",
    hint: "One a line: https, a loopback address, or a private-use scheme. They are compared byte for byte.",
  },
  {
    member: "token_endpoint_auth_method",
    label: "Authentication at the token endpoint",
    kind: "choice",
    supported: "token_endpoint_auth_methods_supported",
    hint: "\u201cnone\u201d is for clients that cannot keep a secret. An update without this member keeps its value.",
  },
  { member: "grant_types", label: "Grant types", kind: "choices", supported: "grant_types_supported" },
  { member: "response_types", label: "Response types", kind: "choices", supported: "response_types_supported" },
  {
    member: "scope",
    label: "Scope",
    kind: "text",
    supported: "scopes_supported",
    hint: "Separated by spaces. If empty, the server decides.",
  },
  { member: "application_type", label: "Application type", kind: "choice", values: ["web", "native"] },
  { member: "client_uri", label: "Home page", kind: "text", more: true },
  { member: "logo_uri", label: "Logo", kind: "text", more: true },
  { member: "tos_uri", label: "Terms of service", kind: "text", more: true },
  { member: "policy_uri", label: "Privacy policy", kind: "text", more: true },
  { member: "contacts", label: "Contacts", kind: "lines", hint: "One a line.", more: true },
  {
    member: "jwks_uri",
    label: "Key set",
    kind: "text",
    hint: "The URL of the client\u2019s public keys, for private_key_jwt. To send the keys themselves (jwks), use JSON.",
    more: true,
  },
  {
    member: "software_statement",
    label: "Software statement",
    kind: "text",
    hint: "A signed JWT about the client. If the server trusts its issuer, its claims win over these fields. The response says what it changed.",
    more: true,
  },
];

/** The values that a field of some kind can show; anything else has to be edited as JSON. */
export const FITS = {
  text: (value) => typeof value === "string",
  choice: (value) => typeof value === "string",
  lines: (value) => Array.isArray(value) && value.every((one) => typeof one === "string"),
  choices: (value) => Array.isArray(value) && value.every((one) => typeof one === "string"),
};
