// Figures of a list of clients. Days are those of UTC.

export const DAYS = 30;
const DAY = 24 * 60 * 60;
const dayOf = (seconds) => Math.floor(seconds / DAY);

/** `now` is in seconds since 1970. `days` are the last thirty, the oldest first; `earlier` came before those. */
export function count(clients, now) {
  // Clients that were stored before lists had summaries have an identifier only.
  const summarized = clients.filter(({ issued_at }) => issued_at !== undefined);
  // Without the time since which uses are recorded, nothing is known of them.
  const recorded = summarized.filter(({ uses_recorded_since }) => uses_recorded_since !== undefined);
  const neverUsed = recorded.filter(
    ({ issued_at, last_used, uses_recorded_since }) => last_used === undefined && uses_recorded_since <= issued_at,
  );
  const first = dayOf(now) - DAYS + 1;
  const days = Array.from({ length: DAYS }, (_, at) => ({ start: (first + at) * DAY, registered: 0, neverUsed: 0 }));
  const at = ({ issued_at }) => days[Math.min(dayOf(issued_at) - first, DAYS - 1)];
  for (const client of summarized) if (at(client)) at(client).registered += 1;
  for (const client of neverUsed) if (at(client)) at(client).neverUsed += 1;
  return {
    summarized: summarized.length,
    unsummarized: clients.length - summarized.length,
    recorded: recorded.length,
    neverUsed: neverUsed.length,
    selfAsserted: summarized.filter(({ self_asserted }) => self_asserted).length,
    disabled: summarized.filter(({ disabled_at }) => disabled_at !== undefined).length,
    earlier: summarized.filter((client) => !at(client)).length,
    days,
  };
}
