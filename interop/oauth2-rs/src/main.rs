//! The `oauth2` crate over ureq: token, use, introspection, revocation, introspection again.

use std::error::Error;
use std::process::ExitCode;
use std::{env, fmt};

use oauth2::basic::BasicClient;
use oauth2::{
    AccessToken, ClientId, ClientSecret, IntrospectionUrl, RevocationUrl, StandardRevocableToken,
    TokenIntrospectionResponse, TokenResponse, TokenUrl,
};

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("oauth2: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let url = setting("RESCIND_URL")?;
    let client_id = setting("RESCIND_CLIENT_ID")?;
    let agent = ureq::agent();
    let client = BasicClient::new(ClientId::new(client_id.clone()))
        .set_client_secret(ClientSecret::new(setting("RESCIND_CLIENT_SECRET")?))
        .set_token_uri(TokenUrl::new(format!("{url}/api/oauth/token"))?)
        .set_introspection_url(IntrospectionUrl::new(format!("{url}/api/oauth/introspect"))?)
        .set_revocation_url(RevocationUrl::new(format!("{url}/api/oauth/revoke"))?);

    let answer = client.exchange_client_credentials().request(&agent).map_err(in_full)?;
    let token = answer.access_token();
    let lifetime = answer.expires_in().map(|lifetime| lifetime.as_secs());
    check("the lifetime of the token in seconds", lifetime, Some(3600))?;
    check("the status of its use", use_token(&agent, &url, token)?, 200)?;

    let alive = client.introspect(token).request(&agent).map_err(in_full)?;
    check("active in the introspection", alive.active(), true)?;
    let owner = alive.client_id().map(|owner| owner.as_str());
    check("client_id in the introspection", owner, Some(client_id.as_str()))?;

    let revocable = StandardRevocableToken::AccessToken(token.clone());
    client.revoke_token(revocable)?.request(&agent).map_err(in_full)?;

    let dead = client.introspect(token).request(&agent).map_err(in_full)?;
    check("active in the introspection after the revocation", dead.active(), false)?;
    check("the status of its use after the revocation", use_token(&agent, &url, token)?, 401)
}

/// Calls the API with `token`; every status is an answer.
fn use_token(agent: &ureq::Agent, url: &str, token: &AccessToken) -> Result<u16, Box<dyn Error>> {
    let request = agent
        .get(&format!("{url}/api/public/v1.0/orgs"))
        .set("Authorization", &format!("Bearer {}", token.secret()));
    match request.call() {
        Ok(answer) | Err(ureq::Error::Status(_, answer)) => Ok(answer.status()),
        Err(error) => Err(error.into()),
    }
}

fn check<T>(what: &str, is: T, expected: T) -> Result<(), Box<dyn Error>>
where
    T: Copy + PartialEq + fmt::Debug,
{
    if is == expected {
        println!("{what}: {is:?}");
        Ok(())
    } else {
        Err(format!("{what} is {is:?} instead of {expected:?}").into())
    }
}

fn setting(name: &str) -> Result<String, Box<dyn Error>> {
    env::var(name).map_err(|_| format!("set {name}").into())
}

/// The library's own message names the step that failed, its sources say why.
fn in_full(error: impl Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        text = format!("{text}: {cause}");
        source = cause.source();
    }
    text
}
