//! [`Filter`]: which clients are meant.

use serde_json::Value;

use crate::client::{FIRST_CLIENT, Summary, UseRecording};
use crate::service::Error;
use crate::service::request::{Members, wrong};

/// Which clients are meant: those that all of it holds for. Times are seconds since 1970.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// What the identifier begins with.
    pub prefix: String,
    /// What is in the name, in any case (of ASCII letters).
    pub name: Option<String>,
    /// Registered before.
    pub created_before: Option<u64>,
    /// Registered at this time or after.
    pub created_after: Option<u64>,
    /// Certainly not used since: last used a day before, which is how exactly uses are known, or never and registered
    /// before; and all its uses since then are recorded.
    pub unused_since: Option<u64>,
    /// Certainly never used, or used.
    pub never_used: Option<bool>,
    /// Whether nobody has vouched for it.
    pub self_asserted: Option<bool>,
    /// Whether it is switched off.
    pub disabled: Option<bool>,
}

impl Filter {
    /// The names of the conditions.
    pub const NAMES: [&'static str; 8] = [
        "prefix",
        "name",
        "created_before",
        "created_after",
        "unused_since",
        "never_used",
        "self_asserted",
        "disabled",
    ];

    /// Sets a condition by its name; `false` if there is none of this name.
    ///
    /// # Errors
    /// [`Error::Request`] for a value that is none.
    pub fn set(&mut self, name: &str, value: &str) -> Result<bool, Error> {
        let time = || value.parse().map_err(|_| wrong(name, "whole seconds since 1970"));
        let flag = || value.parse().map_err(|_| wrong(name, "true or false"));
        match name {
            "prefix" | "name" if value.trim().is_empty() => return Err(wrong(name, "text")),
            "prefix" => {
                let sound = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_');
                if value.len() > 22 || !value.bytes().all(sound) {
                    return Err(wrong(name, "the beginning of a client_id"));
                }
                value.clone_into(&mut self.prefix);
            }
            "name" => self.name = Some(value.to_ascii_lowercase()),
            "created_before" => self.created_before = Some(time()?),
            "created_after" => self.created_after = Some(time()?),
            "unused_since" => self.unused_since = Some(time()?),
            "never_used" => self.never_used = Some(flag()?),
            "self_asserted" => self.self_asserted = Some(flag()?),
            "disabled" => self.disabled = Some(flag()?),
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// Takes the conditions from the object `filter` of a request.
    pub(super) fn of(members: &Members) -> Result<Self, Error> {
        let object = members.object("filter", &Self::NAMES)?;
        let mut filter = Self::default();
        for name in Self::NAMES {
            let text = match object.value(name) {
                None => continue,
                Some(Value::String(text)) => text.clone(),
                Some(Value::Bool(flag)) => flag.to_string(),
                Some(Value::Number(number)) => number.to_string(),
                Some(_) => return Err(wrong(name, "text, a number, true or false")),
            };
            filter.set(name, &text)?;
        }
        Ok(filter)
    }

    /// Refuses a condition that holds for every client, which can only be a mistake, and one about uses that are
    /// not recorded.
    ///
    /// # Errors
    /// [`Error::Request`]
    pub(super) fn check(&self, recording: UseRecording, now: u64) -> Result<(), Error> {
        let about_uses = self.unused_since.is_some() || self.never_used.is_some();
        if about_uses && !recording.is_on() {
            return Err(Error::Request(
                "unused_since and never_used need recorded uses: set REGISTRATION.record_uses to true".into(),
            ));
        }
        for (name, time) in
            [("created_before", self.created_before), ("unused_since", self.unused_since)]
        {
            if time.is_some_and(|time| time >= now) {
                return Err(wrong(
                    name,
                    "a time in the past: at any other it holds for all clients",
                ));
            }
        }
        if self.created_after.is_some_and(|time| time <= FIRST_CLIENT) {
            let expected =
                "a time after 1435708800 (July 2015): at any other it holds for all clients";
            return Err(wrong("created_after", expected));
        }
        Ok(())
    }

    /// Whether the client of `summary`, as an operator is told of it, is meant, its identifier apart.
    #[must_use]
    pub fn holds(&self, summary: &Summary) -> bool {
        let name = summary.client_name.as_deref().unwrap_or_default();
        self.name.as_ref().is_none_or(|part| name.to_ascii_lowercase().contains(part))
            && self.created_before.is_none_or(|time| summary.issued_at < time)
            && self.created_after.is_none_or(|time| summary.issued_at >= time)
            && self.unused_since.is_none_or(|time| summary.unused_since(time))
            && self.never_used.is_none_or(|never| summary.never_used() == Some(never))
            && self.self_asserted.is_none_or(|wanted| summary.self_asserted == wanted)
            && self.disabled.is_none_or(|wanted| summary.disabled_at.is_some() == wanted)
    }
}
