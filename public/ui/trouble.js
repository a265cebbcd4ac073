// What went wrong, for reading.

/** What an answer that is not ok says, in its own words where it has any; a sentence without its full stop. */
export function trouble({ failure, status, json }) {
  // Browsers write their own with a full stop or without.
  if (failure) return `There was no answer: ${failure.replace(/\.$/, "")}`;
  if (json?.error_description) return json.error_description;
  return `The server answered ${status}${status < 400 ? ", but not as its API does" : ""}`;
}
