//! Configuration: what an operator wrote, parsed once into what the service works with. A wrong
//! value fails closed and is named.

use std::cell::RefCell;
use std::rc::Rc;

use serde_json::{Map, Value};
use url::{Position, Url};

use super::client_ids::IdKeys;
use super::config_error::{ConfigError, ConfigErrors};
use super::development;
use super::hosting::{self, Places};
use super::identifier::Identifier;
use super::raw_settings::Settings;
use super::secret::{Secret, check_tokens};
use super::settings::{Variables, table};
use super::webhook::Webhook;
use super::{Issuer, IssuerOptions};
use crate::client::Mistake;
use crate::vocabulary::{HostNames, KeyRing, OperatorToken, WebhookSecret};

/// A checked configuration.
#[derive(Debug)]
pub struct Config {
    issuers: Issuers,
    /// Whether all issuers and hosted documents are on one host (with its port). A developer's machine has a host for each request, so it
    /// is not. The key of Cloudflare's cache has no host: only documents of one host may be stored there.
    pub is_on_one_host: bool,
    /// The operator's secret; `None` while the operator's API is off.
    pub admin: Option<OperatorToken>,
    /// The authorization server's secret, if it has one.
    pub authorization_server: Option<OperatorToken>,
    /// The secret with which an authorization server may also ask for client secrets, if there is one.
    pub secret_reader: Option<OperatorToken>,
    /// The webhook that events are sent to, if there is one.
    pub webhook: Option<Rc<Webhook>>,
}

/// The settings that all issuers share.
struct Shared {
    variables: Variables,
    ids: IdKeys,
    sealing: Option<Rc<KeyRing>>,
}

impl Shared {
    /// The settings of an issuer with these variables.
    fn options_of(&self, variables: &Variables) -> Result<IssuerOptions, Vec<Mistake>> {
        let (ids, sealing) = (self.ids.clone(), self.sealing.clone());
        Ok(IssuerOptions { ids, sealing, ..variables.read_options()? })
    }
}

/// The issuers of a deployment.
#[derive(Debug)]
enum Issuers {
    /// Those with the longest paths first.
    Configured(Vec<Rc<Issuer>>),
    /// A developer's machine.
    Development(Box<Development>),
}

impl Issuers {
    fn are_on_one_host(&self) -> bool {
        matches!(self, Self::Configured(issuers) if hosting::are_on_one_host(issuers))
    }
}

/// An issuer whose identifier is the origin of the request.
#[derive(Debug)]
struct Development {
    options: IssuerOptions,
    latest: RefCell<Option<Rc<Issuer>>>,
}

impl Config {
    /// Checks `settings`, and whether the runtime reads every host name in them as it is written.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn check(settings: Settings, names: &dyn HostNames) -> Result<Self, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        errors.note(settings.check_hosts(names));
        match errors.note(Self::parse(settings)) {
            Some(config) => errors.or(config),
            None => Err(errors),
        }
    }

    /// Checks `settings`.
    ///
    /// # Errors
    /// Everything that is wrong.
    pub fn parse(settings: Settings) -> Result<Self, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        let mut entry = Map::new();
        for (name, value) in [
            ("METADATA", settings.metadata),
            ("REGISTRATION", settings.registration),
            ("DISCOVERY", settings.discovery),
            ("POLICY", settings.policy),
            ("ANONYMOUS_POLICY", settings.anonymous_policy),
            ("SOFTWARE_STATEMENTS", settings.software_statements),
            ("LIMITS", settings.limits),
            ("DOCUMENTS", settings.documents),
            ("AS", settings.authorization_server),
            ("UPSTREAM_METADATA", settings.upstream_metadata),
            ("DOCUMENT_BASE", settings.document_base),
        ] {
            entry.insert(name.to_owned(), value);
        }
        let (required, shared) = (&settings.id_key_required, settings.shared_id_key);
        let ids = IdKeys::parse(settings.id_key, required, shared, &mut errors);
        let sealing = settings.sealing_key;
        let sealing = Secret::check_format(sealing, "SEALING_KEY", KeyRing::FORMAT, &mut errors);
        let sealing = sealing.map(Rc::new);
        let shared = Shared { variables: Variables::of(entry), ids, sealing };
        let tokens = [settings.admin_token, settings.as_token, settings.as_secrets_token];
        let [admin, authorization_server, secret_reader] = check_tokens(tokens, &mut errors);
        let webhook = errors.note(table("WEBHOOK", &settings.webhook)).unwrap_or_default();
        let secret = settings.webhook_secret;
        let is_set = secret.is_some();
        let secret = Secret::check(secret, "WEBHOOK_SECRET", WebhookSecret::SHORTEST, &mut errors);
        let webhook = errors.note(Webhook::parse(&webhook, secret, is_set)).flatten().map(Rc::new);
        let issuer = settings.issuer.filter(|text| !text.is_empty());
        let issuers = errors.note(table("ISSUERS", &settings.issuers)).unwrap_or_default();
        let issuers = match issuer {
            Some(_) if !issuers.is_empty() => {
                Err(ConfigError::Together("ISSUER", "ISSUERS").into())
            }
            Some(text) => Self::one(&shared, &text),
            None if issuers.is_empty() => Self::development(&shared),
            None => Self::several(&shared, issuers),
        };
        let Some(issuers) = errors.note(issuers) else { return Err(errors) };
        let is_on_one_host = issuers.are_on_one_host();
        if let Issuers::Configured(issuers) = &issuers {
            hosting::share_hosts(issuers);
        }
        errors.or(Self {
            issuers,
            is_on_one_host,
            admin,
            authorization_server,
            secret_reader,
            webhook,
        })
    }

    fn one(shared: &Shared, text: &str) -> Result<Issuers, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        let identifier = errors.note(Identifier::parse("ISSUER", text));
        let options = errors.note(shared.options_of(&shared.variables));
        let (Some(identifier), Some(options)) = (identifier, options) else { return Err(errors) };
        let issuer = Issuer::new(identifier, options)?;
        Ok(Issuers::Configured(vec![Rc::new(issuer)]))
    }

    fn several(shared: &Shared, issuers: Map<String, Value>) -> Result<Issuers, ConfigErrors> {
        let mut errors = ConfigErrors::default();
        if shared.variables.0.contains_key("UPSTREAM_METADATA") {
            errors.push(ConfigError::Together("UPSTREAM_METADATA", "ISSUERS"));
        }
        let mut all: Vec<Rc<Issuer>> = Vec::with_capacity(issuers.len());
        let mut places = Places::default();
        for (text, own) in issuers {
            let name = format!("ISSUERS.\"{text}\"");
            let identifier = errors.note(Identifier::parse(&name, &text));
            let prefix = format!("{name}.");
            let own = errors.note(table(&name, &own)).unwrap_or_default();
            let own = Variables::of(own);
            let merged = shared.variables.overlaid(&own);
            let options = shared.options_of(&merged).map_err(|mut mistakes| {
                let from_own =
                    mistakes.iter_mut().filter(|mistake| own.say(&mistake.path, &merged));
                from_own.for_each(|mistake| mistake.path.insert_str(0, &prefix));
                mistakes
            });
            let options = errors.note(options);
            let Some(identifier) = identifier else { continue };
            if !places.take(&identifier) {
                let expected = "on another host or path than the other issuers";
                errors.push(ConfigError::value(&name, &text.into(), expected));
            }
            for (name, base) in options.iter().flat_map(IssuerOptions::other_bases) {
                errors.note(places.take_base(&format!("{prefix}{name}"), base, &identifier));
            }
            let Some(options) = options else { continue };
            let issuer = Issuer::new(identifier, options).map_err(|errors| errors.at(&name));
            let Some(issuer) = errors.note(issuer).map(Rc::new) else { continue };
            // Issuers with longer paths come first: their paths begin with those of others.
            let longer = |other: &Rc<Issuer>| other.path().len() >= issuer.path().len();
            all.insert(all.partition_point(longer), issuer);
        }
        errors.or(Issuers::Configured(all))
    }

    fn development(shared: &Shared) -> Result<Issuers, ConfigErrors> {
        for needed_by in ["UPSTREAM_METADATA", "DOCUMENT_BASE"] {
            if shared.variables.0.contains_key(needed_by) {
                return Err(ConfigError::Missing { name: "ISSUER", needed_by }.into());
            }
        }
        let mut options = shared.options_of(&shared.variables)?;
        let operator = std::mem::replace(&mut options.metadata, development::metadata());
        options.metadata.extend(operator);
        // Built without a request too, so that what is wrong is said at the first one.
        let local = Identifier::parse("ISSUER", "http://localhost")?;
        Issuer::development(local, options.clone())?;
        Ok(Issuers::Development(Box::new(Development { options, latest: RefCell::default() })))
    }

    /// The issuer at whose place a request to `url` finds something, and what it finds: whatever `find`
    /// returns for the issuer. `None` if it finds nothing.
    ///
    /// # Errors
    /// [`ConfigError::NoIssuer`]: neither the `Host` header nor a forwarded one decides who we are,
    /// except on a developer's own machine.
    pub fn find<T>(
        &self,
        url: &Url,
        find: impl Fn(&Issuer) -> Option<T>,
    ) -> Result<Option<(Rc<Issuer>, T)>, ConfigErrors> {
        match &self.issuers {
            Issuers::Development(development) => {
                let issuer = development.issuer(&url[..Position::AfterPort])?;
                Ok(find(&issuer).map(|found| (issuer, found)))
            }
            Issuers::Configured(issuers) => {
                let here = issuers.iter().filter(|issuer| self.is_here(issuer, url));
                let mut found = here.filter_map(|issuer| Some((Rc::clone(issuer), find(issuer)?)));
                Ok(found.next())
            }
        }
    }

    /// Whether `issuer` is on the host of a request to `url`.
    fn is_here(&self, issuer: &Issuer, url: &Url) -> bool {
        // Where all are on one host, it may have another name in front of us. What protects the issuer's own
        // host does not protect the one that Cloudflare gives to each Worker.
        let renamed = self.is_on_one_host && !url.host_str().is_some_and(is_workers_dev);
        renamed || issuer.identifier.authority() == &url[Position::BeforeHost..Position::AfterPort]
    }

    /// The identifiers of the issuers on the host of a request to `url` that their operator lists, shortest path first.
    #[must_use]
    pub fn listed_issuers(&self, url: &Url) -> Vec<&str> {
        let here = self.issuers().iter().rev().filter(|issuer| self.is_here(issuer, url));
        here.filter(|issuer| issuer.is_listed).map(|issuer| issuer.identifier()).collect()
    }

    /// The configured issuers; none on a developer's machine.
    #[must_use]
    pub fn issuers(&self) -> &[Rc<Issuer>] {
        match &self.issuers {
            Issuers::Configured(issuers) => issuers,
            Issuers::Development(_) => &[],
        }
    }
}

/// Whether `host`, in lower case, is one that Cloudflare gives to a Worker by itself.
fn is_workers_dev(host: &str) -> bool {
    host.strip_suffix('.').unwrap_or(host).ends_with(".workers.dev")
}

impl Development {
    /// The issuer at this origin, kept for the next request.
    fn issuer(&self, origin: &str) -> Result<Rc<Issuer>, ConfigErrors> {
        let mut latest = self.latest.borrow_mut();
        if let Some(issuer) = latest.as_ref().filter(|issuer| issuer.identifier() == origin) {
            return Ok(Rc::clone(issuer));
        }
        let identifier = Identifier::parse("ISSUER", origin).map_err(|_| ConfigError::NoIssuer)?;
        if !identifier.is_loopback() {
            return Err(ConfigError::NoIssuer.into());
        }
        let issuer = Rc::new(Issuer::development(identifier, self.options.clone())?);
        *latest = Some(Rc::clone(&issuer));
        Ok(issuer)
    }
}
