//! Checks the tokens on standard input, a line each, and prints what each may do.
//!
//! ```sh
//! export RESCIND_URL=http://127.0.0.1:8080 RESCIND_CLIENT_ID=… RESCIND_CLIENT_SECRET=…
//! echo "$TOKEN" | cargo run -p rescind-verifier --example check
//! ```
//!
//! The account is any one of the organization whose tokens are checked. The line of a live token is
//! `live CLIENT_ID ROLES`; of any other one, `refused: ` and why.

use std::{
    env,
    error::Error,
    io::{self, Write as _},
    net::{IpAddr, Ipv4Addr},
    time::Duration,
};

use rescind_verifier::Verifier;

/// The resource server would take it from the request.
const CLIENT: IpAddr = IpAddr::V4(Ipv4Addr::LOCALHOST);

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let verifier = Verifier::builder(env::var("RESCIND_URL")?)
        .credentials(env::var("RESCIND_CLIENT_ID")?, env::var("RESCIND_CLIENT_SECRET")?)
        .start()?;
    // Without an authority there is nothing to wait for: every token would be refused.
    tokio::time::timeout(Duration::from_secs(10), verifier.ready()).await?;
    for line in io::stdin().lines() {
        match verifier.verify(line?.trim(), CLIENT).await {
            Ok(token) => {
                let line = format!("live {} {}", token.client_id, token.account.roles.join(" "));
                writeln!(io::stdout(), "{}", line.trim_end())?;
            }
            Err(refusal) => writeln!(io::stdout(), "refused: {refusal}")?,
        }
    }
    Ok(())
}
