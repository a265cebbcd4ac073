//! Uses of clients: whether they are recorded, since when, and what is certain because of that.
//!
//! A use is a look-up or an authentication by the authorization server. Recording it is a write, so it is recorded
//! only where a setting wants it. Each record then says since when: from its registration on, or from the first
//! write while uses are recorded. Once they no longer are, the next use of such a client is written one last time
//! and takes the mark away. So a client that has the mark was not used since then, except as `last_used` says.

use super::record::Record;

/// How exactly it is known when a client was last used, in seconds: a day, so that a day of use is one write.
const USE_RESOLUTION: u64 = 24 * 60 * 60;
/// How much longer a location may see a record of before that, in seconds, with a minute to spare.
const VISIBILITY: u64 = 120;
/// How much later than it is known a client may have been used, in seconds.
pub(super) const USE_SLACK: u64 = USE_RESOLUTION + VISIBILITY;

/// Whether an issuer records the uses of its clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum UseRecording {
    /// No.
    #[default]
    Off,
    /// Yes. Each record says since when.
    On,
    /// Yes, and those of all clients since this time, in seconds since 1970: the operator says so.
    Since(u64),
}

impl UseRecording {
    /// Whether uses are recorded now.
    #[must_use]
    pub fn is_on(self) -> bool {
        self != Self::Off
    }

    /// Since when all uses of a client are recorded whose record says `own`, in seconds since 1970; `None` if they
    /// are not.
    #[must_use]
    pub fn start(self, own: Option<u64>) -> Option<u64> {
        match self {
            Self::Off => None,
            Self::On => own,
            Self::Since(time) => Some(own.map_or(time, |own| own.min(time))),
        }
    }
}

impl Record {
    /// Whether a use now would have to be recorded: the last one that was is a day old, or there is none.
    #[must_use]
    pub fn use_is_unrecorded(&self, now: u64) -> bool {
        self.last_used.is_none_or(|used| now >= used.saturating_add(USE_RESOLUTION))
    }

    /// Whether a use now has to be recorded. Without `recording` only where the record says that uses are: it would
    /// otherwise look unused, or end.
    #[must_use]
    pub fn use_is_to_be_recorded(&self, recording: UseRecording, now: u64) -> bool {
        let relies = self.uses_recorded_since.is_some() || self.idle_expires_at.is_some();
        (recording.is_on() || relies) && self.use_is_unrecorded(now)
    }

    /// Records a use.
    pub fn record_use(&mut self, now: u64) {
        self.last_used = Some(now);
    }

    /// Says that all its uses are recorded from its registration on, or that they are not.
    pub fn begin_use_recording(&mut self, recording: UseRecording) {
        self.uses_recorded_since = recording.is_on().then_some(self.issued_at);
    }

    /// Says that uses are recorded from `now` on, unless it says so already, or that they are not.
    pub fn keep_use_recording(&mut self, recording: UseRecording, now: u64) {
        let since = self.uses_recorded_since.unwrap_or(now);
        self.uses_recorded_since = recording.is_on().then_some(since);
    }

    /// Forgets that uses were recorded: another store may have seen more of them.
    pub fn forget_use_recording(&mut self) {
        self.uses_recorded_since = None;
    }

    /// Moves the end of a client that is not used: `unused` seconds after it was registered or updated while
    /// no authorization server has asked for it, `idle` seconds after that once one has; 0 for never. Nothing is
    /// counted from before uses were recorded. `last_used` is exact to a day, so the end gets that slack. An end
    /// already in the past means that the setting is new: it counts from now. A client that is not active does not end
    /// in this way.
    pub fn renew(&mut self, unused: u64, idle: u64, now: u64) {
        let known_use = self.last_used.map(|used| used.saturating_add(USE_SLACK));
        let ttl = if known_use.is_none() && unused != 0 { unused } else { idle };
        let signs = [
            Some(self.issued_at),
            self.updated_at,
            self.approved_at,
            known_use,
            self.uses_recorded_since,
        ];
        let latest = signs.into_iter().flatten().max().unwrap_or(self.issued_at);
        let end = Some(latest.saturating_add(ttl)).filter(|end| *end > now);
        let ends = ttl != 0 && self.is_active();
        self.idle_expires_at = ends.then(|| end.unwrap_or_else(|| now.saturating_add(ttl)));
    }
}
