//! What the first start shows: an account, and what to do with it.

use std::fmt;

use rescind_authority::FirstAccount;

/// The id and the secret of the first account, and three commands to paste that get a token, use
/// it and take it back. They need a shell, curl and sed.
pub(crate) struct FirstSteps<'a> {
    /// Where the server listens.
    pub(crate) url: &'a str,
    /// The account.
    pub(crate) account: &'a FirstAccount,
}

impl fmt::Display for FirstSteps<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.url;
        let id = self.account.client_id;
        let secret = self.account.secret.expose();
        let expires_at = self.account.secret_expires_at;
        write!(
            f,
            r#"
This first start created the organization "default", and a service account that owns it.
The secret is shown only now; it expires on {expires_at}.

  client id      {id}
  client secret  {secret}

Get a token, use it, take it back; then use it again, and see it refused:

  TOKEN=$(curl -s -u {id}:{secret} -d grant_type=client_credentials {url}/api/oauth/token | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
  curl -si -H "Authorization: Bearer $TOKEN" {url}/api/public/v1.0/groups
  curl -si -u {id}:{secret} -d token=$TOKEN {url}/api/oauth/revoke

"#
        )
    }
}
