// Times of the API, in seconds since 1970, for reading.

import { el } from "./dom.js";

const shown = (options) => (seconds) => {
  const date = new Date(seconds * 1000);
  if (Number.isNaN(date.getTime())) return el("span", {}, String(seconds));
  return el("time", { datetime: date.toISOString() }, date.toLocaleString(undefined, options));
};

export const time = shown({ dateStyle: "medium", timeStyle: "short" });
