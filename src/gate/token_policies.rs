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
    pub(super) fn find(&self, settings: &Map<String, Value>) -> Result<Policy, GateError> {
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

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn settings(n: usize) -> Map<String, Value> {
        json!({"scopes": [format!("scope{n}")]}).as_object().unwrap().clone()
    }

    #[test]
    fn policy_is_read_once_and_the_longest_unused_makes_room() {
        let policies = TokenPolicies::default();
        let find = |n: usize| policies.find(&settings(n)).unwrap();
        let first = find(0);
        for n in 1..20 {
            find(n);
        }
        assert!(first.is_same(&find(0)), "known");
        let second = find(1);
        find(20);
        assert!(first.is_same(&find(0)) && second.is_same(&find(1)), "used lately");
        assert_eq!(policies.0.borrow().len(), 20);
        assert!(!policies.0.borrow().iter().any(|(known, _)| *known == settings(2)));
    }

    #[test]
    fn settings_that_are_no_policy_are_an_error_each_time() {
        let policies = TokenPolicies::default();
        let wrong = json!({"scopes": 7}).as_object().unwrap().clone();
        for _ in 0..2 {
            assert!(matches!(policies.find(&wrong), Err(GateError::Book(_))));
        }
        assert!(policies.0.borrow().is_empty());
        assert!(!policies.find(&Map::new()).unwrap().narrows_scopes());
    }
}
