// The message of an error, for reading.

/** The message of an answer that is not ok, in its own words if it has any; a sentence without its full stop. */
export function trouble({ failure, status, json }) {
  // Browsers write their own with a full stop or without.
  if (failure) return `There was no response: ${failure.replace(/\.$/, "")}`;
  if (json?.error_description) return json.error_description;
  return `The server responded with ${status}${status < 400 ? ", but not in the form of its API" : ""}`;
}
