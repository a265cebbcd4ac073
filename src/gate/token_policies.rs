//! The policies of initial access tokens, read once. A policy can have a hundred entries in each of its lists, and it
//! applies to every registration with its token and to every update of its clients.

use std::cell::RefCell;

use serde_json::{Map, Value};

use super::GateError;
use crate::client::{Mistake, Policy};

/// The most policies that an isolate remembers.
const MOST: usize = 20;

/// Policies by their settings, the one used last at the end.
#[derive(Debug, Default)]
pub struct TokenPolicies(RefCell<Vec<(Map<String, Value>, Policy)>>);

impl TokenPolicies {
    /// The policy with these settings, as they are stored.
    ///
    /// # Errors
    /// [`GateError::Book`] if they are not settings of a policy.
    pub fn find(&self, settings: &Map<String, Value>) -> Result<Policy, GateError> {
        if settings.is_empty() {
            return Ok(Policy::default());
        }
        let mut known = self.0.borrow_mut();
        let found = known.iter().position(|(other, _)| other == settings);
        let (settings, policy) = match found {
            Some(at) => known.remove(at),
            None => (settings.clone(), parse(settings)?),
        };
        if known.len() >= MOST {
            known.remove(0);
        }
        known.push((settings, policy.clone()));
        Ok(policy)
    }
}

fn parse(settings: &Map<String, Value>) -> Result<Policy, GateError> {
    Policy::parse_stored(settings).map_err(|mistakes| GateError::Book(Mistake::join(&mistakes)))
}
