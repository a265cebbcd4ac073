//! From the URL of a request to its issuer and its route.

use std::rc::Rc;

use super::refusal::Refusal;
use super::routes::{Caller, Route};
use super::{Binding, RequestHead, refusals};
use crate::issuer::{Config, Issuer};

/// Finds the issuer that a request is for, and its route. Hosted documents can also be at a base of their own, and
/// registration at one for client certificates.
///
/// # Errors
/// 404 if there is none; 500 if no issuer is configured.
pub(super) fn find<'r>(
    config: &Config,
    request: &'r RequestHead,
) -> Result<(Rc<Issuer>, Route<'r>), Refusal> {
    let find = |issuer: &Issuer| {
        let route = Route::find(request.url.path(), issuer.path())?;
        let exists = match route.caller() {
            Caller::Anyone | Caller::Client => true,
            Caller::AuthorizationServer => {
                let has_token =
                    config.authorization_server.is_some() || config.secret_reader.is_some();
                has_token || request.bound != Binding::Unmarked
            }
            Caller::Operator => config.admin.is_some(),
            Caller::Developer => issuer.is_development,
        };
        exists.then_some(route)
    };
    if let Some(found) = config.find(&request.url, find)? {
        return Ok(found);
    }
    let hosted = config.find_document_base(&request.url);
    let hosted = hosted.and_then(|(issuer, path)| Some((issuer, Route::find_document(path)?)));
    let mtls = || {
        let (issuer, base) = config.find_mtls_base(&request.url)?;
        let route = Route::find(request.url.path(), &base)?;
        (route.caller() == Caller::Client).then_some((issuer, route))
    };
    hosted.or_else(mtls).ok_or_else(|| refusals::NOT_FOUND.refusal())
}
