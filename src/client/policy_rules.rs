//! Verified metadata against an operator's policies: the same for a registration and an update.
//!
//! The skeleton of a name is made once for all policies.

use super::check::Checker;
use super::limits;
use super::metadata::{ClientMetadata, TypedMember};
use super::names::{Decompose, Skeleton};
use super::policy::{Logo, Policy};
use super::problem::Pointer;
use super::rule::{PolicyRule, Rule};
use super::supported::listed;
use super::table::{self, Kind, Member, Property};
use super::value::MemberValue;
use crate::vocabulary::{Host, RedirectUri};

/// Holds `metadata` against `policies`; `sent` are the members that the client sent or let us choose, and
/// whether in some language. A logo may be dropped.
pub(super) fn apply(
    policies: &[&Policy],
    sent: &[(&'static Member, bool)],
    metadata: &mut ClientMetadata,
    checker: &mut Checker<'_>,
    decompose: Decompose<'_>,
) {
    if policies.is_empty() {
        return;
    }
    let texts = texts(metadata, policies, decompose);
    let client_site = metadata.passive.uri("client_uri").map(|uri| uri.host().site());
    let mut drops_logo = false;
    for policy in policies {
        let mut judge = Judge { policy, checker, https: judge_scheme(policy, "https") };
        judge.members(sent, metadata);
        judge.redirect_uris(metadata);
        judge.application_type(metadata);
        if policy.scopes.is_some() && metadata.scope.is_empty() {
            // An authorization server may take no scope for any scope.
            let rule = Rule::Unsupported { supported: String::from("nothing") };
            judge.checker.reject::<()>(Pointer::to("scope"), "", rule);
        }
        drops_logo |= policy.logo == Logo::Drop;
        let kept = texts.iter().filter(|text| !drops_logo || text.member.row.name != LOGO);
        judge.texts(kept, client_site.as_deref(), decompose);
    }
    if drops_logo {
        drop(texts);
        metadata.passive.0.retain(|member| member.row.name != LOGO);
    }
}

const LOGO: &str = "logo_uri";

/// A link, or a name.
struct Text<'m> {
    member: &'m TypedMember,
    /// Of a name, where names are reserved.
    skeleton: Option<Skeleton>,
}

fn texts<'m>(
    metadata: &'m ClientMetadata,
    policies: &[&Policy],
    decompose: Decompose<'_>,
) -> Vec<Text<'m>> {
    // Too many names are rejected unseen.
    let reserves = policies.iter().any(|policy| !policy.reserved_names.is_empty())
        && metadata.names().map(|(_, text)| text.len()).sum::<usize>() <= limits::NAMES;
    let each = metadata.passive.0.iter().filter_map(|member| match &member.value {
        MemberValue::Uri(_) => Some(Text { member, skeleton: None }),
        MemberValue::Text(text) if reserves && member.row.has(Property::Name) => {
            Some(Text { member, skeleton: Some(Skeleton::of(text, decompose)) })
        }
        _ => None,
    });
    each.collect()
}

struct Judge<'j, 's> {
    policy: &'j Policy,
    /// The rule that the scheme `https` breaks, judged once: a request can have hundreds of URIs with it.
    https: Option<PolicyRule>,
    checker: &'j mut Checker<'s>,
}

impl Judge<'_, '_> {
    fn reject(&mut self, at: Pointer, value: &str, rule: PolicyRule) {
        self.checker.reject::<()>(at, value, Rule::Policy(rule));
    }

    fn members(&mut self, sent: &[(&'static Member, bool)], metadata: &ClientMetadata) {
        let has = |member: &Member| sent.iter().any(|(row, _)| row.place == member.place);
        // Of a passive member, what counts is what is registered, and that it says something.
        let says = |member: &Member| {
            let plain = sent.iter().any(|(row, localized)| row.place == member.place && !localized);
            let kept = metadata.passive.find(member.name);
            let blank = matches!(kept, Some(MemberValue::Text(text)) if text.trim().is_empty());
            plain && !blank && (kept.is_some() || member.place < table::CORE)
        };
        for member in self.policy.required_members.iter().filter(|member| !says(member)) {
            self.reject(Pointer::to(member.name), "", PolicyRule::Required);
        }
        for member in self.policy.forbidden_members.iter().filter(|member| has(member)) {
            self.reject(Pointer::to(member.name), "", PolicyRule::Forbidden);
        }
    }

    /// Other lists of redirects, after a logout or with claims, are judged like `redirect_uris`.
    fn redirect_uris(&mut self, metadata: &ClientMetadata) {
        let policy = self.policy;
        let at = Pointer::to("redirect_uris");
        let count = metadata.redirect_uris.len();
        if let Some(limit) = policy.max_redirect_uris.and_then(|most| usize::try_from(most.0).ok())
            && count > limit
        {
            self.reject(at.clone(), "", PolicyRule::RedirectUriCount { limit });
        }
        self.each_redirect_uri(&at, &metadata.redirect_uris);
        for member in &metadata.passive.0 {
            if let MemberValue::RedirectUris(uris) = &member.value {
                self.each_redirect_uri(&member.pointer(), uris);
            }
        }
    }

    fn each_redirect_uri(&mut self, at: &Pointer, uris: &[RedirectUri]) {
        for (index, uri) in uris.iter().enumerate() {
            if let Some(rule) = self.judge_redirect(uri) {
                self.reject(at.element(index), uri.as_str(), rule);
            }
        }
    }

    fn judge_redirect(&self, uri: &RedirectUri) -> Option<PolicyRule> {
        let scheme = match uri.scheme() {
            "https" => self.https.clone(),
            scheme => judge_scheme(self.policy, scheme),
        };
        scheme.or_else(|| match uri.host() {
            None => {
                let undotted = self.policy.reverse_dns_schemes && !uri.scheme().contains('.');
                undotted.then_some(PolicyRule::ReverseDnsScheme)
            }
            // Only the client's own machine reaches a loopback address, so the scheme decides.
            Some(host) => (!host.is_loopback() && !allows_host(self.policy, host))
                .then_some(PolicyRule::RedirectHost),
        })
    }

    fn application_type(&mut self, metadata: &ClientMetadata) {
        let kind = metadata.application_type;
        if let Some(allowed) = &self.policy.application_types
            && !allowed.contains(&kind)
        {
            let allowed = listed(allowed.iter().map(|kind| kind.as_str()));
            let rule = PolicyRule::ApplicationType { allowed };
            self.reject(Pointer::to("application_type"), kind.as_str(), rule);
        }
    }

    /// Names and links.
    fn texts<'t>(
        &mut self,
        texts: impl Iterator<Item = &'t Text<'t>>,
        client_site: Option<&str>,
        decompose: Decompose<'_>,
    ) {
        let policy = self.policy;
        for Text { member, skeleton } in texts {
            let row = member.row;
            if let (MemberValue::Text(name), Some(skeleton)) = (&member.value, skeleton)
                && policy.reserved_names.are_in(skeleton, decompose)
            {
                self.reject(member.pointer(), name, PolicyRule::ReservedName);
            }
            let MemberValue::Uri(uri) = &member.value else { continue };
            if policy.https_links && row.kind == Kind::WebUri && !uri.is_https() {
                self.reject(member.pointer(), uri.as_str(), PolicyRule::HttpsLink);
            }
            if row.has(Property::ReceivesUsers)
                && !uri.host().is_loopback()
                && !allows_host(policy, uri.host())
            {
                self.reject(member.pointer(), uri.as_str(), PolicyRule::RedirectHost);
            }
            if policy.logo == Logo::SameSite
                && row.name == LOGO
                && client_site != Some(&*uri.host().site())
            {
                self.reject(member.pointer(), uri.as_str(), PolicyRule::LogoSite);
            }
        }
    }
}

/// The rule that every redirect URI of this scheme breaks.
fn judge_scheme(policy: &Policy, scheme: &str) -> Option<PolicyRule> {
    if policy.https_redirects && scheme != "https" {
        return Some(PolicyRule::HttpsRedirect);
    }
    let denied = policy.denied_redirect_schemes.contains(scheme)
        || policy.redirect_schemes.as_ref().is_some_and(|allowed| !allowed.contains(scheme));
    denied.then_some(PolicyRule::RedirectScheme)
}

fn allows_host(policy: &Policy, host: Host<'_>) -> bool {
    let allowed = policy.redirect_hosts.as_ref();
    !policy.denied_redirect_hosts.cover(host) && allowed.is_none_or(|hosts| hosts.cover(host))
}
