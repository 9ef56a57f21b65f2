//! What the first start shows: an account, and what to do with it.

use std::{fmt, path::Path};

use rescind_authority::FirstAccount;

/// The id and the secret of the first account, and three commands to paste that get a token, use
/// it and take it back. They need a shell, curl and sed.
pub(crate) struct FirstSteps<'a> {
    /// What curl reaches the server by.
    pub(crate) url: &'a str,
    /// The certificate that the server shows, if it does.
    pub(crate) certificate: Option<&'a Path>,
    /// The account.
    pub(crate) account: &'a FirstAccount,
}

/// The command, which has to believe the certificate, whoever signed it.
struct Curl<'a> {
    certificate: Option<&'a Path>,
}

impl fmt::Display for Curl<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.certificate {
            Some(certificate) => write!(f, "curl --cacert '{}'", certificate.display()),
            None => f.write_str("curl"),
        }
    }
}

impl fmt::Display for FirstSteps<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let url = self.url;
        let curl = Curl { certificate: self.certificate };
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

  TOKEN=$({curl} -s -u {id}:{secret} -d grant_type=client_credentials {url}/api/oauth/token | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
  {curl} -si -H "Authorization: Bearer $TOKEN" {url}/api/public/v1.0/groups
  {curl} -si -u {id}:{secret} -d token=$TOKEN {url}/api/oauth/revoke

"#
        )
    }
}
