// Ages and durations as people write them, like 7d.

const UNITS = { m: 60, h: 3600, d: 86400 };

/** In seconds; undefined for what is none. */
export function seconds(text) {
  const match = /^(\d{1,9}) *([mhd])$/.exec(text.trim());
  return match ? Number(match[1]) * UNITS[match[2]] : undefined;
}

/** The time so long ago, in seconds since 1970. */
export const ago = (age) => Math.max(0, Math.floor(Date.now() / 1000) - age);
