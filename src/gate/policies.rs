//! The policies that apply to a client, at its registration and later.

use std::borrow::Cow;

use serde_json::{Map, Value};

use super::token_book::Entry;
use super::{Admission, Gate, GateError, GateSettings, Mode};
use crate::client::{Policy, Provenance, StatementOrigin, Supported, admit_certificate};
use crate::vocabulary::{ClientCertificate, Digest};

impl GateSettings {
    /// The additional policy for a client without an initial access token. Closing the gate does not lift it for
    /// registered clients.
    #[must_use]
    pub fn anonymous_policy(&self) -> Option<&Policy> {
        self.anonymous_policy.as_ref().filter(|_| self.mode != Mode::Open)
    }

    /// The values that are accepted from a client under the `additional` policies, and all its policies.
    #[must_use]
    pub fn terms<'p>(
        &'p self,
        supported: &'p Supported,
        additional: impl IntoIterator<Item = &'p Policy>,
    ) -> (Cow<'p, Supported>, Vec<&'p Policy>) {
        let policies: Vec<&Policy> = self.policy.iter().chain(additional).collect();
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
            statement: None,
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
    /// The policies of a new client, besides that of the issuer: a statement of a trusted issuer takes the place of the
    /// policy for clients without an initial access token, never that of a token.
    #[must_use]
    pub fn policies_of_new(
        &self,
        admission: &Admission,
        statement: Option<&StatementOrigin>,
    ) -> Vec<Policy> {
        let is_replaced = statement.is_some() && admission.provenance.token.is_none();
        let own = admission.policy.as_ref().filter(|_| !is_replaced).cloned();
        own.into_iter().chain(self.policy_of_statement(statement)).collect()
    }

    fn policy_of_statement(&self, statement: Option<&StatementOrigin>) -> Option<Policy> {
        let issuer = self.settings.statements.find(&statement?.iss)?;
        Some(issuer.policy.clone())
    }

    /// The policies that a client was registered under, besides that of the issuer.
    ///
    /// # Errors
    /// [`GateError::Book`]
    pub fn policies_of(&self, provenance: &Provenance) -> Result<Vec<Policy>, GateError> {
        let mut policies = Vec::new();
        if provenance.token.is_some() {
            policies.push(self.token_policies.find(&provenance.token_policy)?);
        } else if provenance.self_asserted {
            // Without a token, the operator or a software statement has vouched for a client that is not self-asserted.
            policies.extend(self.settings.anonymous_policy().cloned());
        }
        policies.extend(self.policy_of_statement(provenance.statement.as_ref()));
        Ok(policies)
    }
}
