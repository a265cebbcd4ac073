//! Verified metadata against an operator's policies: the same for a registration and an update.
//!
//! What several rules or policies ask of a value is found out once: a policy is a list of lists, and so are metadata.

use std::borrow::Cow;

use super::check::Checker;
use super::limits;
use super::metadata::ClientMetadata;
use super::names::{Decompose, Skeleton};
use super::policy::{Logo, Policy};
use super::problem::Pointer;
use super::rule::{PolicyRule, Rule};
use super::rules::names;
use super::supported::listed;
use super::table::{Kind, Member};
use crate::vocabulary::{Host, RedirectUri, WebUri};

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
    let redirects = std::mem::take(&mut checker.redirects);
    let texts = texts(metadata, policies, decompose);
    let client_site = site(metadata.others.text("client_uri"));
    let mut drops_logo = false;
    for policy in policies {
        let mut judge = Judge { policy, checker };
        judge.members(sent, metadata);
        judge.redirect_uris(&metadata.redirect_uris);
        judge.other_redirects(&redirects);
        judge.application_type(metadata);
        if policy.scopes.is_some() && metadata.scope.is_empty() {
            // An authorization server may take no scope for any scope.
            let rule = Rule::Unsupported { supported: String::from("nothing") };
            judge.checker.refuse::<()>(Pointer::to("scope"), "", rule);
        }
        drops_logo |= policy.logo == Logo::Drop;
        let kept = texts.iter().filter(|text| !drops_logo || text.row.name != "logo_uri");
        judge.texts(kept, client_site.as_deref(), decompose);
    }
    if drops_logo {
        drop(texts);
        metadata.others.0.retain(|(row, _, _)| row.name != "logo_uri");
    }
}

/// A text or a link.
struct Text<'m> {
    row: &'static Member,
    language: Option<&'m str>,
    value: &'m str,
    /// Of a link whose host counts.
    uri: Option<WebUri>,
    /// Of a name, where names are reserved.
    skeleton: Option<Skeleton>,
}

fn texts<'m>(
    metadata: &'m ClientMetadata,
    policies: &[&Policy],
    decompose: Decompose<'_>,
) -> Vec<Text<'m>> {
    // Too many names are refused unseen.
    let reserves = policies.iter().any(|policy| !policy.reserved_names.is_empty())
        && names(metadata).map(|(_, _, text)| text.len()).sum::<usize>() <= limits::NAMES;
    let each = metadata.others.0.iter().filter_map(|(row, language, value)| {
        let text = value.as_str()?;
        let name = reserves && matches!(row.name, "client_name" | "organization_name");
        let link = matches!(row.kind, Kind::WebUri | Kind::SecureUri | Kind::LogoutUri);
        let site =
            matches!(row.name, "logo_uri" | "initiate_login_uri" | "frontchannel_logout_uri");
        (name || link).then(|| Text {
            row,
            language: language.as_deref(),
            value: text,
            uri: site.then(|| WebUri::parse(text).ok()).flatten(),
            skeleton: name.then(|| Skeleton::of(text, decompose)),
        })
    });
    each.collect()
}

struct Judge<'j, 's> {
    policy: &'j Policy,
    checker: &'j mut Checker<'s>,
}

impl Judge<'_, '_> {
    fn refuse(&mut self, at: Pointer, value: &str, rule: PolicyRule) {
        self.checker.refuse::<()>(at, value, Rule::Policy(rule));
    }

    fn members(&mut self, sent: &[(&'static Member, bool)], metadata: &ClientMetadata) {
        let has = |member: &Member| sent.iter().any(|(row, _)| row.place == member.place);
        // Of the members that decide nothing, what counts is what is registered, and that it says something.
        let says = |member: &Member| {
            let plain = sent.iter().any(|(row, localized)| row.place == member.place && !localized);
            let kept = metadata.others.find(member.name);
            let blank =
                kept.and_then(|value| value.as_str()).is_some_and(|text| text.trim().is_empty());
            plain && !blank && (kept.is_some() || member.kind.decides())
        };
        for member in self.policy.required.iter().filter(|member| !says(member)) {
            self.refuse(Pointer::to(member.name), "", PolicyRule::Required);
        }
        for member in self.policy.forbidden.iter().filter(|member| has(member)) {
            self.refuse(Pointer::to(member.name), "", PolicyRule::Forbidden);
        }
    }

    fn redirect_uris(&mut self, uris: &[RedirectUri]) {
        let policy = self.policy;
        let at = Pointer::to("redirect_uris");
        if let Some(limit) = policy.max_redirect_uris.and_then(|max| usize::try_from(max).ok())
            && uris.len() > limit
        {
            self.refuse(at.clone(), "", PolicyRule::RedirectUriCount { limit });
        }
        for (index, uri) in uris.iter().enumerate() {
            if let Some(rule) = judge_redirect(policy, uri) {
                self.refuse(at.element(index), uri.as_str(), rule);
            }
        }
    }

    /// Where a client sends users after a logout or with claims is as good as a redirect URI.
    fn other_redirects(&mut self, lists: &[(Pointer, Vec<RedirectUri>)]) {
        for (at, uris) in lists {
            for (index, uri) in uris.iter().enumerate() {
                if let Some(rule) = judge_redirect(self.policy, uri) {
                    self.refuse(at.element(index), uri.as_str(), rule);
                }
            }
        }
    }

    fn application_type(&mut self, metadata: &ClientMetadata) {
        let kind = metadata.application_type;
        if let Some(allowed) = &self.policy.application_types
            && !allowed.contains(&kind)
        {
            let allowed = listed(allowed.iter().map(|kind| kind.as_str()));
            let rule = PolicyRule::ApplicationType { allowed };
            self.refuse(Pointer::to("application_type"), kind.as_str(), rule);
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
        for Text { row, language, value: text, uri, skeleton } in texts {
            let at = || Pointer::of(row.name, *language);
            if let Some(skeleton) = skeleton
                && policy.reserved_names.are_in(skeleton, decompose)
            {
                self.refuse(at(), text, PolicyRule::ReservedName);
            }
            // It was parsed when it was checked, so a scheme is all that can be before a colon.
            let https = text.split(':').next().is_some_and(|it| it.eq_ignore_ascii_case("https"));
            if policy.https_links && row.kind == Kind::WebUri && !https {
                self.refuse(at(), text, PolicyRule::HttpsLink);
            }
            let sends_users = matches!(row.name, "initiate_login_uri" | "frontchannel_logout_uri");
            if let Some(uri) = uri
                && sends_users
                && !uri.host().is_loopback()
                && !allows_host(policy, uri.host())
            {
                self.refuse(at(), text, PolicyRule::RedirectHost);
            }
            let own = || uri.as_ref().map(|uri| uri.host().site()).as_deref() == client_site;
            let foreign = || client_site.is_none() || !own();
            if policy.logo == Logo::SameSite && row.name == "logo_uri" && foreign() {
                self.refuse(at(), text, PolicyRule::LogoSite);
            }
        }
    }
}

fn judge_redirect(policy: &Policy, uri: &RedirectUri) -> Option<PolicyRule> {
    let scheme = match uri {
        RedirectUri::Https { .. } => "https",
        RedirectUri::Loopback { .. } => "http",
        RedirectUri::PrivateUse { scheme, .. } => scheme,
    };
    if policy.https_redirects && scheme != "https" {
        return Some(PolicyRule::HttpsRedirect);
    }
    if policy.denied_redirect_schemes.contains(scheme)
        || policy.redirect_schemes.as_ref().is_some_and(|allowed| !allowed.contains(scheme))
    {
        return Some(PolicyRule::RedirectScheme);
    }
    if let RedirectUri::PrivateUse { scheme, .. } = uri {
        let dotted = scheme.contains('.');
        return (policy.reverse_dns_schemes && !dotted).then_some(PolicyRule::ReverseDnsScheme);
    }
    // Whoever can reach a loopback address is on the machine already: the scheme is what is judged.
    let RedirectUri::Https { host, .. } = uri else { return None };
    (!host.is_loopback() && !allows_host(policy, host)).then_some(PolicyRule::RedirectHost)
}

fn allows_host(policy: &Policy, host: &Host) -> bool {
    let host = match host {
        Host::Name(name) => Cow::Borrowed(name.as_str()),
        address => Cow::Owned(address.to_string()),
    };
    let allowed = policy.redirect_hosts.as_ref();
    !policy.denied_redirect_hosts.cover(&host) && allowed.is_none_or(|hosts| hosts.cover(&host))
}

fn site(uri: Option<&str>) -> Option<String> {
    uri.and_then(|text| WebUri::parse(text).ok()).map(|uri| uri.host().site())
}
