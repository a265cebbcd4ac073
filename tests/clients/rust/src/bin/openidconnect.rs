//! openidconnect: typed provider metadata, registration requests and their answers.

use std::error::Error;

use openidconnect::core::{CoreClientRegistrationRequest, CoreProviderMetadata};
use openidconnect::{ClientName, IssuerUrl, reqwest};
use rollcall_clients::{Outcome, Steps, arguments, kinds};
use serde::de::DeserializeOwned;
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (issuer, _) = arguments();
    let steps = Steps::of("openidconnect");
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build()?;

    let discover = async {
        // It fetches the key set too.
        let found =
            CoreProviderMetadata::discover_async(IssuerUrl::new(issuer.clone())?, &http).await?;
        assert_eq!(found.issuer().as_str(), issuer);
        Ok(found)
    };
    let server = steps.take("discover", discover).await.ok_or("there is no server")?;

    for (kind, sent) in kinds().as_object().expect("an object") {
        let register = async {
            let endpoint =
                server.registration_endpoint().ok_or("there is no registration endpoint")?;
            let answer = request(sent)?.register_async(endpoint, &http).await?;
            assert!(answer.registration_access_token().is_some());
            assert!(answer.registration_client_uri().is_some());
            assert!(answer.client_id_issued_at().is_some());
            holds(sent, &serde_json::to_value(answer)?);
            Ok(())
        };
        steps.take(&format!("register {kind}"), register).await;
    }
    Ok(())
}

fn request(sent: &Value) -> Outcome<CoreClientRegistrationRequest> {
    let name = ClientName::new(member(sent, "client_name")?);
    Ok(CoreClientRegistrationRequest::new(member(sent, "redirect_uris")?, Default::default())
        .set_client_name(Some([(None, name)].into_iter().collect()))
        .set_grant_types(member(sent, "grant_types")?)
        .set_response_types(member(sent, "response_types")?)
        .set_token_endpoint_auth_method(member(sent, "token_endpoint_auth_method")?)
        .set_application_type(member(sent, "application_type")?)
        .set_contacts(member(sent, "contacts")?)
        .set_jwks(member(sent, "jwks")?))
}

fn member<T: DeserializeOwned>(sent: &Value, name: &str) -> Outcome<T> {
    Ok(serde_json::from_value(sent[name].clone())?)
}

/// The answer as the library has understood it: all that was sent, and the credentials that it should have.
fn holds(sent: &Value, answer: &Value) {
    for name in
        ["client_name", "redirect_uris", "grant_types", "response_types", "jwks", "contacts"]
    {
        assert_eq!(answer[name], sent[name], "{name}");
    }
    for name in ["token_endpoint_auth_method", "application_type"] {
        assert_eq!(answer[name], sent[name], "{name}");
    }
    let method = sent["token_endpoint_auth_method"].as_str().expect("a string");
    let secret = answer["client_secret"].as_str();
    assert_eq!(secret.map(str::len), method.starts_with("client_secret_").then_some(86));
}
