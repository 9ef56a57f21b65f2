//! What a revocation request means for the token that it presents.

use crate::{clock::UnixTime, id::ClientId, token::Claims};

/// What to do with the presented token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict<'a> {
    /// It is live, and the caller's: revoke it.
    Revoke(&'a Claims),
    /// There is nothing to take back.
    AlreadyDead,
    /// It is live, and another account's: leave it alone, and say so.
    NotYours,
}

/// Decides a revocation request (oauth-endpoints.md 5.2, RFC 7009 section 2.2).
///
/// `claims` is `None` for whatever is not a token of ours: garbage, an altered signature, a
/// foreign issuer. A dead token is a success whoever presents it, so that a client can retry.
#[must_use]
pub fn decide(
    claims: Option<&Claims>,
    revoked: bool,
    caller: ClientId,
    now: UnixTime,
) -> Verdict<'_> {
    match claims {
        None => Verdict::AlreadyDead,
        Some(token) if revoked || token.expires_at <= now => Verdict::AlreadyDead,
        Some(token) if token.client_id != caller => Verdict::NotYours,
        Some(token) => Verdict::Revoke(token),
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;
    use crate::status_list::{ListId, StatusRef};

    #[test]
    fn every_row_of_the_revocation_table() {
        let (me, them) = (ClientId::from_bytes([1; 12]), ClientId::from_bytes([2; 12]));
        let now = UnixTime::from_second(1_000);
        let token = |client_id, exp| Claims {
            issuer: String::new(),
            client_id,
            issued_at: UnixTime::from_second(0),
            expires_at: UnixTime::from_second(exp),
            token_id: Uuid::nil(),
            status: StatusRef { list: ListId::from_number(1), index: 7 },
        };
        let (mine, theirs) = (token(me, 1_001), token(them, 1_001));
        #[rustfmt::skip]
        let rows = [
            ("live, own",                       Some(mine.clone()),      false, Verdict::Revoke(&mine)),
            ("already revoked",                 Some(mine.clone()),      true,  Verdict::AlreadyDead),
            ("expires this very second",        Some(token(me, 1_000)),  false, Verdict::AlreadyDead),
            ("expired",                         Some(token(me, 999)),    false, Verdict::AlreadyDead),
            ("unknown, garbage, not a JWT",     None,                    false, Verdict::AlreadyDead),
            ("live, of another",                Some(theirs.clone()),    false, Verdict::NotYours),
            ("revoked, of another",             Some(theirs.clone()),    true,  Verdict::AlreadyDead),
            ("expired, of another",             Some(token(them, 999)),  false, Verdict::AlreadyDead),
        ];
        for (row, claims, revoked, expected) in rows {
            assert_eq!(decide(claims.as_ref(), revoked, me, now), expected, "row: {row}");
        }
    }
}
