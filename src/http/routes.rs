//! The route table: every path, who may call it, and what each of its methods does.
//!
//! A new route is a row of [`ROUTES`] and the handler of its action, which the compiler then asks for in
//! `Exchange::start`. `tests/openapi.rs` says what `public/openapi.json` and `wrangler.toml` still lack.

use crate::vocabulary::ClientId;

/// A row of the table.
#[derive(Debug, PartialEq, Eq)]
pub struct Endpoint {
    /// The path below the issuer. `{client_id}` or `{id}` stands for one segment.
    pub path: &'static str,
    /// Its caller.
    pub caller: Caller,
    /// The methods, as the `Allow` header lists them.
    pub allow: &'static str,
    /// The operations of its methods; the first one names requests with other methods in the log.
    pub operations: &'static [Operation],
}

/// The operation of one or more methods at an endpoint.
#[derive(Debug, PartialEq, Eq)]
pub struct Operation {
    /// The methods. `GET` stands for `HEAD` too.
    pub methods: &'static [&'static str],
    /// The word for it in the log: `docs/events.md`.
    pub name: &'static str,
    pub(super) action: Action,
}

/// The caller of an endpoint. It decides which token is needed, whether the endpoint exists, and which pages may read its answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Caller {
    /// Anyone: discovery documents, and the list of issuers.
    Anyone,
    /// A client. The operator may limit the origins of pages: `REGISTRATION.allowed_origins`.
    Client,
    /// The authorization server, with `AS_TOKEN` or through a service binding. Absent without both.
    AuthorizationServer,
    /// The operator, with `ADMIN_TOKEN`. Absent without it.
    Operator,
    /// A developer, where an authorization server will be. Absent outside a developer's machine.
    Developer,
}

impl Caller {
    /// Whether it may be a page on another origin, which may then read the answers.
    pub(super) fn may_be_a_page(self) -> bool {
        matches!(self, Self::Anyone | Self::Client | Self::Developer)
    }
}

/// The methods that a row's method allows, as a list with a comma at its end.
macro_rules! allowed {
    (GET) => {
        "GET, HEAD, "
    };
    ($method:ident) => {
        concat!(stringify!($method), ", ")
    };
}

/// `OPTIONS` where the caller may be a page: its browser sends preflights.
macro_rules! preflights {
    (AuthorizationServer) => {
        ""
    };
    (Operator) => {
        ""
    };
    ($caller:ident) => {
        "OPTIONS, "
    };
}

const fn without_last_comma(list: &'static str) -> &'static str {
    match list.split_at_checked(list.len().saturating_sub(2)) {
        Some((list, _)) => list,
        None => list,
    }
}

/// Makes [`ROUTES`], and [`Action`] with one variant for each operation.
macro_rules! routes {
    ($(
        $path:literal $caller:ident: $($($method:ident)+ => $action:ident $name:literal),+;
    )+) => {
        /// The action that a request asks for.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub(super) enum Action {
            $($($action,)+)+
        }

        /// Every route. Of two rows that fit a path, the first one counts.
        pub const ROUTES: &[Endpoint] = &[$(
            Endpoint {
                path: $path,
                caller: Caller::$caller,
                allow: without_last_comma(
                    concat!($($(allowed!($method),)+)+ preflights!($caller)),
                ),
                operations: &[$(
                    Operation {
                        methods: &[$(stringify!($method)),+],
                        name: $name,
                        action: Action::$action,
                    }
                ),+],
            }
        ),+];
    };
}

// Path and caller: methods => action and its name in the log.
routes! {
    // RFC 8414 §3; OpenID Connect Discovery 1.0 §4.
    "/.well-known/oauth-authorization-server" Anyone: GET => DiscoverOauth "discover";
    "/.well-known/openid-configuration" Anyone: GET => DiscoverOpenid "discover";

    // The issuers of the host that their operator lists.
    "/.well-known/rollcall-issuers" Anyone: GET => ListIssuers "list_issuers";

    // RFC 7591 §3; RFC 7592 §2.
    "/reg" Client: POST => Register "register";
    "/reg/{client_id}" Client: GET => Read "read", PUT => Update "update", DELETE => Delete "delete";

    // Client ID Metadata Document draft-02, Appendix A. Below DOCUMENT_BASE too.
    "/clients/{client_id}" Anyone: GET => ServeDocument "serve_document";

    "/as/clients/authenticate" AuthorizationServer: POST => Authenticate "authenticate";
    "/as/clients/look-up" AuthorizationServer: POST => LookUpAny "look_up";
    "/as/clients/{client_id}" AuthorizationServer: GET => LookUp "look_up";
    "/as/clients/{client_id}/redirect-uri" AuthorizationServer: POST => CheckRedirectUri "check_redirect_uri";

    "/admin/initial-access-tokens" Operator:
        GET => ListTokens "admin.list_tokens", POST => MintToken "admin.mint_token";
    "/admin/initial-access-tokens/{id}" Operator: DELETE => RevokeToken "admin.revoke_token";
    "/admin/rejections" Operator: GET => ListRejections "admin.list_rejections";
    "/admin/clients" Operator:
        GET => ListClients "admin.list_clients", POST => CreateClient "admin.create_client";
    "/admin/clients/delete" Operator: POST => DeleteClients "admin.delete_clients";
    "/admin/clients/export" Operator: GET => ExportClients "admin.export_clients";
    "/admin/clients/import" Operator: POST => ImportClients "admin.import_clients";
    "/admin/clients/{client_id}" Operator:
        GET => GetClient "admin.get_client", PATCH => EditClient "admin.edit_client",
        DELETE => DeleteClient "admin.delete_client";
    "/admin/clients/{client_id}/disable" Operator: POST => DisableClient "admin.disable_client";
    "/admin/clients/{client_id}/enable" Operator: POST => EnableClient "admin.enable_client";
    "/admin/clients/{client_id}/approve" Operator: POST => ApproveClient "admin.approve_client";
    "/admin/clients/{client_id}/reject" Operator: POST => RejectClient "admin.reject_client";
    "/admin/clients/{client_id}/rotate" Operator: POST => RotateCredential "admin.rotate_credential";

    "/admin/documents" Operator: GET => ListDocuments "admin.list_documents";
    "/admin/documents/refresh" Operator: POST => RefreshDocument "admin.refresh_document";
    "/admin/documents/block" Operator: POST => BlockDocument "admin.block_document";
    "/admin/documents/unblock" Operator: POST => UnblockDocument "admin.unblock_document";
    "/admin/documents/pin" Operator: POST => PinDocument "admin.pin_document";
    "/admin/documents/unpin" Operator: POST => UnpinDocument "admin.unpin_document";

    "/authorize" Developer: GET POST => Authorize "stub";
    "/token" Developer: POST => Token "stub";
    "/jwks" Developer: GET => Jwks "stub";
}

/// The one route of a host: its path is not below an issuer.
const OF_HOST: &str = "/.well-known/rollcall-issuers";

/// Other names of paths. Clients that find no metadata ask at `/register` (MCP 2025-03-26, Authorization).
pub const ALIASES: &[(&str, &str)] = &[("/register", "/reg")];

impl Endpoint {
    /// The segment of `path` that a placeholder stands for, and empty text where there is no placeholder; `None` if
    /// the path is another one.
    fn match_path<'p>(&self, path: &'p str) -> Option<&'p str> {
        let Some((before, rest)) = self.path.split_once('{') else {
            return (self.path == path).then_some("");
        };
        let after = rest.split_once('}').map_or("", |(_, after)| after);
        let id = path.strip_prefix(before)?.strip_suffix(after)?;
        (!id.is_empty() && !id.contains('/')).then_some(id)
    }

    fn find_operation(&self, method: &str) -> Option<&'static Operation> {
        let method = if method == "HEAD" { "GET" } else { method };
        self.operations.iter().find(|operation| operation.methods.contains(&method))
    }
}

/// The endpoint that the path of a request names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Route<'p> {
    endpoint: &'static Endpoint,
    /// The identifier in the path, as it was sent; empty where the path has none.
    pub id: &'p str,
}

impl<'p> Route<'p> {
    /// Finds the route of `path` for an issuer whose own path is `issuer_path`.
    ///
    /// RFC 8414 §3.1 puts the well-known part before the issuer's path, OpenID Connect Discovery 1.0 §4 behind it.
    /// Clients mix the two up, so both places have both documents. A trailing slash is ignored.
    pub fn find(path: &'p str, issuer_path: &str) -> Option<Self> {
        let path = path.strip_suffix('/').unwrap_or(path);
        if path == OF_HOST {
            return Self::find_below(path);
        }
        let in_front =
            path.strip_suffix(issuer_path).filter(|path| path.starts_with("/.well-known/"));
        let below = || Self::find_below(path.strip_prefix(issuer_path)?);
        in_front.and_then(Self::find_below).or_else(below)
    }

    /// Finds the route of the `path` below `DOCUMENT_BASE`: only documents are there.
    pub fn find_document(path: &'p str) -> Option<Self> {
        Self::find_below(path).filter(|route| route.action("GET") == Some(Action::ServeDocument))
    }

    fn find_below(path: &'p str) -> Option<Self> {
        let alias = ALIASES.iter().find(|(alias, _)| *alias == path);
        let path = alias.map_or(path, |(_, path)| path);
        let find =
            |endpoint: &'static Endpoint| endpoint.match_path(path).map(|id| Self { endpoint, id });
        ROUTES.iter().find_map(find)
    }

    /// Its caller.
    pub fn caller(&self) -> Caller {
        self.endpoint.caller
    }

    /// Whether pages on other origins may read the answers of this route.
    pub fn is_for_browsers(&self) -> bool {
        self.endpoint.caller.may_be_a_page()
    }

    /// The route as a log line names it: no part of it comes from the caller.
    pub fn template(&self) -> &'static str {
        self.endpoint.path
    }

    /// The methods of this route, as the `Allow` header lists them.
    pub fn allow(&self) -> &'static str {
        self.endpoint.allow
    }

    /// The client identifier in the path, if it is well-formed.
    pub fn client_id(&self) -> Option<ClientId> {
        self.endpoint.path.contains("{client_id}").then(|| ClientId::parse(self.id)).flatten()
    }

    /// The action of `method` here. Methods are case-sensitive (RFC 9110 §9.1).
    pub fn action(&self, method: &str) -> Option<Action> {
        self.endpoint.find_operation(method).map(|operation| operation.action)
    }

    /// The name in the log of a request with `method`, also where the method is not allowed.
    pub fn operation_name(&self, method: &str) -> &'static str {
        let first = || self.endpoint.operations.first();
        self.endpoint.find_operation(method).or_else(first).map_or("-", |operation| operation.name)
    }
}
