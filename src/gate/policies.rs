//! The policies that apply to a client, at its registration and later.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::token_book::Entry;
use super::{Gate, GateError, GateSettings, Mode};
use crate::client::{Policy, Provenance, Supported, admit_certificate};
use crate::vocabulary::{ClientCertificate, Digest};

impl GateSettings {
    /// The additional policy for a client without an initial access token. Closing the gate does not lift it for
    /// registered clients.
    #[must_use]
    pub fn anonymous_policy(&self) -> Option<&Policy> {
        self.anonymous_policy.as_ref().filter(|_| self.mode != Mode::Open)
    }

    /// The values that are accepted from a client under the `additional` policy, and all its policies.
    #[must_use]
    pub fn terms<'p>(
        &'p self,
        supported: &'p Supported,
        additional: Option<&'p Policy>,
    ) -> (Cow<'p, Supported>, Vec<&'p Policy>) {
        let policies: Vec<&Policy> =
            [self.policy.as_ref(), additional].into_iter().flatten().collect();
        let mut narrowed = Cow::Borrowed(supported);
        for policy in &policies {
            narrowed = Cow::Owned(policy.narrow(narrowed.into_owned()));
        }
        (narrowed, policies)
    }

    /// How a client comes in: with the token of `entry` and its policy, or without one. The holder of a certificate that
    /// `POLICY.certificate` lists is not anonymous. A request without a certificate that a policy requires goes no further.
    ///
    /// # Errors
    /// [`GateError::Certificate`]
    pub(super) fn admit(
        &self,
        token: Option<(&Entry, Policy)>,
        presented: Option<&ClientCertificate>,
    ) -> Result<(Provenance, Option<Policy>), GateError> {
        let is_listed = self.policy.as_ref().is_some_and(|policy| policy.lists(presented));
        let (entry, policy) = match token {
            Some((entry, policy)) => (Some(entry), Some(policy)),
            None => (None, self.anonymous_policy().filter(|_| !is_listed).cloned()),
        };
        let policies: Vec<&Policy> = [&self.policy, &policy].into_iter().flatten().collect();
        admit_certificate(&policies, presented)?;
        let token_policy = entry.map(|entry| entry.policy.clone()).unwrap_or_default();
        let provenance = Provenance {
            self_asserted: entry.is_none() && !is_listed,
            token: entry.map(|entry| entry.name.clone()),
            certificate: None,
            policy: self.policy_version(&token_policy),
            token_policy,
            overridden: Vec::new(),
        };
        Ok((provenance, policy))
    }

    /// How a client came in that the operator creates: these rules of policies are overridden.
    #[must_use]
    pub fn operator_provenance(&self, overridden: Vec<String>) -> Provenance {
        Provenance { policy: self.version.clone(), overridden, ..Provenance::default() }
    }

    fn policy_version(&self, token_policy: &Map<String, Value>) -> String {
        if token_policy.is_empty() {
            return self.version.clone();
        }
        let text = serde_json::to_string(token_policy).unwrap_or_default();
        Digest::of(&format!("{}{text}", self.version)).short_name()
    }
}

impl<R> Gate<'_, R> {
    /// The policy that a client was registered under, besides that of the issuer.
    ///
    /// # Errors
    /// [`GateError::Book`]
    pub fn policy_of(&self, provenance: &Provenance) -> Result<Option<Policy>, GateError> {
        if provenance.token.is_some() {
            return self.token_policies.find(&provenance.token_policy).map(Some);
        }
        // The operator has vouched for a client without a token that is not self-asserted.
        Ok(self.settings.anonymous_policy().filter(|_| provenance.self_asserted).cloned())
    }
}
