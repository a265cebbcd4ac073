//! rmcp, the Rust SDK of the Model Context Protocol: from the MCP server to where the user would be sent.

use std::error::Error;

use rmcp::transport::auth::{
    AuthorizationManager, AuthorizationMetadataSource, AuthorizationRequest, AuthorizationSession,
};
use rollcall_clients::{Outcome, Steps, arguments, kinds};
use serde_json::Value;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let (issuer, mcp) = arguments();
    let steps = Steps::of("rmcp");

    let discover = async {
        let found = AuthorizationManager::new(&mcp).await?.resolve_metadata().await?;
        assert_eq!(found.source, AuthorizationMetadataSource::ProtectedResourceMetadata);
        assert_eq!(found.metadata.issuer.as_ref(), Some(&issuer));
        assert_eq!(found.metadata.registration_endpoint, Some(format!("{issuer}/reg")));
        Ok(())
    };
    steps.take("discover", discover).await;

    // It has no clients but public ones.
    for kind in ["browser", "loopback", "private_use"] {
        steps.take(&format!("register {kind}"), register(&mcp, &kinds()[kind])).await;
    }
    Ok(())
}

async fn register(mcp: &str, sent: &Value) -> Outcome<()> {
    let text = |member: &Value| member.as_str().expect("a string").to_owned();
    let redirect_uri = text(&sent["redirect_uris"][0]);
    let request = AuthorizationRequest::new(&redirect_uri)
        .with_client_name(text(&sent["client_name"]))
        .with_application_type(text(&sent["application_type"]));

    let mut manager = AuthorizationManager::new(mcp).await?;
    manager.set_metadata(manager.resolve_metadata().await?.metadata);
    let session = AuthorizationSession::new(manager, request).await.map_err(|(_, error)| error)?;

    let (client_id, _) = session.get_credentials().await?;
    assert!(client_id.len() >= 22);
    let url = session.get_authorization_url();
    assert!(url.contains(&format!("client_id={client_id}")), "{url}");
    Ok(())
}
