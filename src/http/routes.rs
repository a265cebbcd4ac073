//! The route table: which paths exist, and which methods each has.

use crate::vocabulary::ClientId;

/// A path that exists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Route<'p> {
    /// RFC 8414 §3.
    AuthorizationServer,
    /// OpenID Connect Discovery 1.0 §4.
    OpenidConfiguration,
    /// RFC 7591 §3.
    Register,
    /// The client configuration endpoint (RFC 7592 §2), with the client identifier as it stands in
    /// the path.
    Client(&'p str),
    /// What the authorization server asks.
    Server(Server<'p>),
    /// What the operator does.
    Admin(Admin<'p>),
    /// A developer's machine: where an authorization server would be.
    Stub(Stub),
}

/// The authorization server's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Server<'p> {
    LookUp(&'p str),
    Authenticate,
    RedirectUri(&'p str),
}

/// The operator's API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Admin<'p> {
    Tokens,
    Token(&'p str),
    Clients,
    Client(&'p str),
    Disable(&'p str),
    Enable(&'p str),
    Rotate(&'p str),
    DeleteMany,
    Export,
    Import,
}

/// The endpoints that an authorization server is going to have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stub {
    Authorize,
    Token,
    Jwks,
}

/// What to do with a method on a route.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Action {
    Respond,
    Preflight,
    NotAllowed,
}

impl<'p> Route<'p> {
    /// Finds the route of `path` for an issuer whose own path is `issuer_path`.
    ///
    /// RFC 8414 §3.1 puts the well-known part before the issuer's path, OpenID Connect Discovery
    /// 1.0 §4 behind it; clients mix the two up, so both stand for both. A trailing slash is
    /// tolerated.
    pub fn find(path: &'p str, issuer_path: &str) -> Option<Self> {
        let path = path.strip_suffix('/').unwrap_or(path);
        if let Some(document) = path.strip_suffix(issuer_path).and_then(Self::well_known) {
            return Some(document);
        }
        let below = path.strip_prefix(issuer_path)?;
        match below {
            // Clients that find no metadata ask there (MCP 2025-03-26, Authorization).
            "/reg" | "/register" => Some(Self::Register),
            "/authorize" => Some(Self::Stub(Stub::Authorize)),
            "/token" => Some(Self::Stub(Stub::Token)),
            "/jwks" => Some(Self::Stub(Stub::Jwks)),
            _ => {
                let client = last(below, "/reg/").map(Self::Client);
                let server = || Server::find(below.strip_prefix("/as/clients/")?).map(Self::Server);
                let admin = || Admin::find(below.strip_prefix("/admin/")?).map(Self::Admin);
                client.or_else(server).or_else(admin).or_else(|| Self::well_known(below))
            }
        }
    }

    /// Whether pages on other origins may read what is answered here.
    pub fn is_for_browsers(&self) -> bool {
        !matches!(self, Self::Server(_) | Self::Admin(_))
    }

    fn well_known(path: &str) -> Option<Self> {
        match path {
            "/.well-known/oauth-authorization-server" => Some(Self::AuthorizationServer),
            "/.well-known/openid-configuration" => Some(Self::OpenidConfiguration),
            _ => None,
        }
    }

    /// The route as a log line names it: no part of it comes from the caller.
    pub fn template(&self) -> &'static str {
        match self {
            Self::AuthorizationServer => "/.well-known/oauth-authorization-server",
            Self::OpenidConfiguration => "/.well-known/openid-configuration",
            Self::Register => "/reg",
            Self::Client(_) => "/reg/{client_id}",
            Self::Server(route) => route.template(),
            Self::Admin(route) => route.template(),
            Self::Stub(Stub::Authorize) => "/authorize",
            Self::Stub(Stub::Token) => "/token",
            Self::Stub(Stub::Jwks) => "/jwks",
        }
    }

    /// The methods of this route, as the `Allow` header lists them.
    pub fn allow(&self) -> &'static str {
        match self {
            Self::Register | Self::Stub(Stub::Token) => "POST, OPTIONS",
            Self::Client(_) => "GET, HEAD, PUT, DELETE, OPTIONS",
            Self::Server(Server::LookUp(_)) => "GET, HEAD",
            Self::Server(_) => "POST",
            Self::Admin(route) => route.allow(),
            Self::Stub(Stub::Authorize) => "GET, HEAD, POST, OPTIONS",
            _ => "GET, HEAD, OPTIONS",
        }
    }

    /// The client identifier in the path, if it is one of ours.
    pub fn client_id(&self) -> Option<ClientId> {
        match self {
            Self::Client(text)
            | Self::Server(Server::LookUp(text) | Server::RedirectUri(text))
            | Self::Admin(
                Admin::Client(text)
                | Admin::Disable(text)
                | Admin::Enable(text)
                | Admin::Rotate(text),
            ) => ClientId::parse(text),
            _ => None,
        }
    }

    /// What a request with `method` wants here. Methods are case-sensitive (RFC 9110 §9.1).
    pub fn action(&self, method: &str) -> Action {
        match method {
            "OPTIONS" if self.is_for_browsers() => Action::Preflight,
            _ if self.allow().split(", ").any(|allowed| allowed == method) => Action::Respond,
            _ => Action::NotAllowed,
        }
    }
}

/// What follows `prefix`, if that is one segment.
fn last<'p>(path: &'p str, prefix: &str) -> Option<&'p str> {
    path.strip_prefix(prefix).filter(|id| !id.is_empty() && !id.contains('/'))
}

impl<'p> Server<'p> {
    /// `path` is what follows `/as/clients/`.
    fn find(path: &'p str) -> Option<Self> {
        match path.split_once('/') {
            None if path == "authenticate" => Some(Self::Authenticate),
            None => last(path, "").map(Self::LookUp),
            Some((id, "redirect-uri")) => last(id, "").map(Self::RedirectUri),
            Some(_) => None,
        }
    }

    fn template(&self) -> &'static str {
        match self {
            Self::LookUp(_) => "/as/clients/{client_id}",
            Self::Authenticate => "/as/clients/authenticate",
            Self::RedirectUri(_) => "/as/clients/{client_id}/redirect-uri",
        }
    }
}

impl<'p> Admin<'p> {
    /// `path` is what follows `/admin/`.
    fn find(path: &'p str) -> Option<Self> {
        match path {
            "initial-access-tokens" => Some(Self::Tokens),
            "clients" => Some(Self::Clients),
            "clients/delete" => Some(Self::DeleteMany),
            "clients/export" => Some(Self::Export),
            "clients/import" => Some(Self::Import),
            _ => {
                let token = last(path, "initial-access-tokens/").map(Self::Token);
                token.or_else(|| match path.strip_prefix("clients/")?.split_once('/') {
                    None => last(path, "clients/").map(Self::Client),
                    Some((id, act)) => {
                        let act = match act {
                            "disable" => Self::Disable,
                            "enable" => Self::Enable,
                            "rotate" => Self::Rotate,
                            _ => return None,
                        };
                        last(id, "").map(act)
                    }
                })
            }
        }
    }

    fn template(&self) -> &'static str {
        match self {
            Self::Tokens => "/admin/initial-access-tokens",
            Self::Token(_) => "/admin/initial-access-tokens/{id}",
            Self::Clients => "/admin/clients",
            Self::Client(_) => "/admin/clients/{client_id}",
            Self::Disable(_) => "/admin/clients/{client_id}/disable",
            Self::Enable(_) => "/admin/clients/{client_id}/enable",
            Self::Rotate(_) => "/admin/clients/{client_id}/rotate",
            Self::DeleteMany => "/admin/clients/delete",
            Self::Export => "/admin/clients/export",
            Self::Import => "/admin/clients/import",
        }
    }

    fn allow(&self) -> &'static str {
        match self {
            Self::Tokens => "GET, HEAD, POST",
            Self::Token(_) => "DELETE",
            Self::Client(_) => "GET, HEAD, DELETE",
            Self::Clients | Self::Export => "GET, HEAD",
            _ => "POST",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r40_discovery_is_found_in_every_form_clients_try() {
        for path in [
            "/.well-known/oauth-authorization-server/t",
            "/.well-known/oauth-authorization-server/t/",
            "/t/.well-known/oauth-authorization-server",
        ] {
            assert_eq!(Route::find(path, "/t"), Some(Route::AuthorizationServer), "{path}");
        }
        for path in ["/.well-known/openid-configuration/t", "/t/.well-known/openid-configuration"] {
            assert_eq!(Route::find(path, "/t"), Some(Route::OpenidConfiguration), "{path}");
        }
        let plain = "/.well-known/openid-configuration/";
        assert_eq!(Route::find(plain, ""), Some(Route::OpenidConfiguration));
    }

    #[test]
    fn what_is_not_below_the_issuer_does_not_exist() {
        for path in [
            "/",
            "",
            "/reg",
            "/treg",
            "/t",
            "/t/",
            "/t/reg/a/b",
            "/t/registers",
            "/t/registration",
            "/register",
            "/x/t/reg",
            "/.well-known/oauth-authorization-server",
            "/.well-known/oauth-authorization-server/u",
            "/.well-known/other/t",
        ] {
            assert_eq!(Route::find(path, "/t"), None, "{path}");
        }
        assert_eq!(Route::find("/t/reg", "/t"), Some(Route::Register));
        assert_eq!(Route::find("/t/register", "/t"), Some(Route::Register), "R47");
        assert_eq!(Route::find("/t/reg/abc", "/t"), Some(Route::Client("abc")));
    }

    #[test]
    fn methods_are_matched_as_they_were_sent() {
        assert_eq!(Route::Register.action("POST"), Action::Respond);
        for method in ["GET", "post", "PUT", "PROPFIND", "", "POST, OPTIONS"] {
            assert_eq!(Route::Register.action(method), Action::NotAllowed, "{method}");
        }
        assert_eq!(Route::Client("x").action("HEAD"), Action::Respond);
        assert_eq!(Route::Client("x").action("QUERY"), Action::NotAllowed);
    }
}
