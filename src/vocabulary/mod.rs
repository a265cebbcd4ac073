//! The words of the specs as types. Nothing here knows what a server does with them.
//!
//! Each type is parsed once, from untrusted text, and cannot hold anything its spec forbids.

mod algorithm;
mod application_type;
mod auth_method;
mod certificate;
mod client_url;
mod collect;
mod credential;
mod distinguished_name;
mod entity_tag;
mod form;
mod grant;
mod host;
mod idempotency_key;
mod issuer_id;
mod json;
mod key_ring;
mod nearest;
mod redirect_uri;
mod response_type;
mod schemes;
mod scope;
mod sealed_secret;
mod shared_id;
mod signed_id;
mod special_use;
mod uri;
mod web_uri;

pub use algorithm::{Algorithm, Use};
pub use application_type::ApplicationType;
pub use auth_method::AuthMethod;
pub use certificate::{Certificate, ClientCertificate, Fingerprint};
pub use client_url::{ClientUrl, ClientUrlError, ClientUrlRules};
pub use collect::insert_all;
pub use credential::{
    ClientId, ClientSecret, Digest, InitialAccessToken, OperatorToken, RegistrationToken,
    WebhookSecret,
};
pub use distinguished_name::DistinguishedName;
pub use entity_tag::{EntityTag, EntityTags, Preconditions};
pub use form::{ClientCredentials, decode as decode_form, parse as parse_form};
pub use grant::GrantType;
pub use host::{Host, HostNames, Unicode};
pub use idempotency_key::IdempotencyKey;
pub use issuer_id::IssuerId;
pub use json::json_text;
pub use key_ring::{Key, KeyRing};
pub use nearest::nearest;
pub use redirect_uri::{RedirectUri, RedirectUriError};
pub use response_type::ResponseType;
pub use schemes::{FAMILIES as FORBIDDEN_SCHEMES, is_forbidden as is_forbidden_scheme};
pub use scope::Scope;
pub use sealed_secret::{SealedSecret, associated_data};
pub use uri::{UriError, is_origin};
pub use web_uri::{WebUri, WebUriError};
