//! Verified metadata against an operator's [`Policy`]: the same for a registration and an update.

use super::check::Checker;
use super::metadata::ClientMetadata;
use super::policy::{Logo, Policy};
use super::problem::Pointer;
use super::rule::{PolicyRule, Rule};
use super::supported::listed;
use super::table::{Kind, Member};
use crate::vocabulary::{Host, RedirectUri, WebUri};

/// Holds `metadata` against `policy`; `sent` are the members that the client sent or let us choose, and
/// whether in some language. A logo may be dropped.
pub(super) fn apply(
    policy: &Policy,
    sent: &[(&'static Member, bool)],
    metadata: &mut ClientMetadata,
    checker: &mut Checker<'_>,
) {
    let mut judge = Judge { policy, checker };
    judge.members(sent, metadata);
    judge.redirect_uris(&metadata.redirect_uris);
    judge.other_redirects(metadata);
    judge.application_type(metadata);
    if policy.scopes.is_some() && metadata.scope.is_empty() {
        // An authorization server may take no scope for any scope.
        let rule = Rule::Unsupported { supported: String::from("nothing") };
        judge.checker.refuse::<()>(Pointer::to("scope"), "", rule);
    }
    if policy.logo == Logo::Drop {
        metadata.others.0.retain(|(row, _, _)| row.name != "logo_uri");
    }
    judge.texts(metadata);
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
    fn other_redirects(&mut self, metadata: &ClientMetadata) {
        let lists = metadata.others.iter().filter(|(row, _)| row.kind == Kind::RedirectUriList);
        for (row, list) in lists {
            for (index, text) in list.as_array().into_iter().flatten().enumerate() {
                let uri = text.as_str().and_then(|text| RedirectUri::parse(text).ok());
                let rule = uri.as_ref().and_then(|uri| judge_redirect(self.policy, uri));
                if let (Some(uri), Some(rule)) = (uri, rule) {
                    self.refuse(Pointer::to(row.name).element(index), uri.as_str(), rule);
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
    fn texts(&mut self, metadata: &ClientMetadata) {
        let client_site = site(metadata.others.text("client_uri"));
        for (row, language, value) in &metadata.others.0 {
            let Some(text) = value.as_str() else { continue };
            let at = || Pointer::of(row.name, language.as_deref());
            if matches!(row.name, "client_name" | "organization_name")
                && self.policy.reserved_names.iter().any(|reserved| reserved.is_in(text))
            {
                self.refuse(at(), text, PolicyRule::ReservedName);
            }
            let https = || WebUri::parse(text).is_ok_and(|uri| uri.is_https());
            if self.policy.https_links && row.kind == Kind::WebUri && !https() {
                self.refuse(at(), text, PolicyRule::HttpsLink);
            }
            let sends_users = matches!(row.name, "initiate_login_uri" | "frontchannel_logout_uri");
            if sends_users
                && let Ok(uri) = WebUri::parse(text)
                && !uri.host().is_loopback()
                && !allows_host(self.policy, uri.host())
            {
                self.refuse(at(), text, PolicyRule::RedirectHost);
            }
            let foreign = || client_site.is_none() || site(Some(text)) != client_site;
            if self.policy.logo == Logo::SameSite && row.name == "logo_uri" && foreign() {
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
    let named = |list: &[String]| list.iter().any(|known| known == scheme);
    if policy.https_redirects && scheme != "https" {
        return Some(PolicyRule::HttpsRedirect);
    }
    if named(&policy.denied_redirect_schemes)
        || policy.redirect_schemes.as_deref().is_some_and(|allowed| !named(allowed))
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
    let denied = policy.denied_redirect_hosts.iter().any(|pattern| pattern.covers(host));
    let allowed = policy.redirect_hosts.as_ref();
    !denied && allowed.is_none_or(|list| list.iter().any(|pattern| pattern.covers(host)))
}

fn site(uri: Option<&str>) -> Option<String> {
    uri.and_then(|text| WebUri::parse(text).ok()).map(|uri| uri.host().site())
}
