//! Verification of a JWS: the key that its header needs, and Web Crypto.

use std::rc::Rc;

use serde_json::Value;

use super::fetching::fetch_json;
use super::{Error, IssuerContext, Ports};
use crate::client::{Jws, JwsHeader, NoKey, SignatureFault, VerificationKey, VerificationKeys};
use crate::issuer::{EndOfKeysTurn, KeysTurn};
use crate::records::Store;
use crate::runtime::{Signature, Signatures};

/// The most bytes of a JWK set.
const LARGEST: usize = 64 * 1024;
/// How often a request looks whether another one has fetched a set, and how long it waits between, in milliseconds.
const LOOKS: u32 = 60;
const LOOK_MS: u64 = 50;

/// The keys of a signer.
#[derive(Debug, Clone, Copy)]
pub enum Signer<'k> {
    /// Keys that the configuration has.
    Pinned(&'k VerificationKeys),
    /// The JWK set at this URL. The caller has made sure that it may be asked.
    At(&'k str),
}

/// Verifies the signature of `jws`, whose header is `header`, with a key of `signer`. At most one request to another server,
/// and one verification.
///
/// # Errors
/// [`SignatureFault`] inside; [`Error::Keys`] (503) if the keys cannot be fetched, or the runtime cannot tell.
pub async fn verify<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    jws: &Jws<'_>,
    header: &JwsHeader<'_>,
    signer: Signer<'_>,
) -> Result<Result<(), SignatureFault>, Error> {
    let fetched;
    let keys = match signer {
        Signer::Pinned(keys) => keys,
        Signer::At(url) => {
            fetched = keys_at(context, url, header).await?;
            &fetched
        }
    };
    let key = match keys.find(header) {
        Ok(key) => key,
        Err(fault) => return Ok(Err(fault.into())),
    };
    let is_right = is_signed_by(context.runtime, jws, header, key).await.map_err(Error::Keys)?;
    Ok(if is_right { Ok(()) } else { Err(SignatureFault::Wrong) })
}

async fn is_signed_by(
    runtime: &impl Signatures,
    jws: &Jws<'_>,
    header: &JwsHeader<'_>,
    key: &VerificationKey,
) -> Result<bool, String> {
    let signature = Signature {
        algorithm: header.algorithm.name,
        key: &key.jwk,
        signed: jws.signed,
        bytes: &jws.signature,
    };
    runtime.verify(&signature).await
}

/// The keys at `url`, from the memory of the isolate where they are fresh and have the key that `header` names.
async fn keys_at<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    url: &str,
    header: &JwsHeader<'_>,
) -> Result<Rc<VerificationKeys>, Error> {
    let IssuerContext { issuer, runtime, .. } = context;
    let state = &issuer.remote_keys;
    for _ in 0..LOOKS {
        let is_known = |keys: &VerificationKeys| keys.find(header).err() != Some(NoKey::Unknown);
        match state.turn(url, runtime.milliseconds(), is_known) {
            KeysTurn::Use(keys) => return Ok(keys),
            KeysTurn::Absent => break,
            KeysTurn::Wait => runtime.sleep(LOOK_MS).await,
            KeysTurn::Fetch => {
                let _turn = EndOfKeysTurn(state, url);
                let fetched = fetch_keys(context, url).await;
                let failure = fetched.as_ref().err().cloned();
                let keys = state.finish(url, runtime.milliseconds(), fetched.ok());
                let keys = keys.filter(|keys| failure.is_none() || is_known(keys));
                return keys.ok_or_else(|| Error::Keys(failure.unwrap_or_default()));
            }
        }
    }
    Err(Error::Keys(String::from("the keys could not be fetched a moment ago")))
}

async fn fetch_keys<S: Store, R: Ports>(
    context: &IssuerContext<'_, S, R>,
    url: &str,
) -> Result<VerificationKeys, String> {
    let body = fetch_json(context.runtime, url, LARGEST).await;
    let body = body.map_err(|why| format!("the JWK set at {url} {why}"))?;
    let set = serde_json::from_slice::<Value>(&body).ok();
    let keys = set.as_ref().and_then(Value::as_object).and_then(VerificationKeys::read);
    keys.ok_or_else(|| format!("{url} is no JWK set of at most 100 keys"))
}
