//! What may be secret, by its name or its looks.

/// Words in a name that say that its value is secret.
const WORDS: [&str; 14] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "token",
    "apikey",
    "api_key",
    "api-key",
    "credential",
    "dsn",
    "private",
    "htpasswd",
    "basicauth",
    "_key",
];

/// Does a name, or a text that is about to be shown, say that there is a secret in it? Rather too often than too
/// seldom: a text that is not shown is a smaller loss.
#[must_use]
pub fn may_be_secret(text: &str) -> bool {
    let lower = text.to_lowercase();
    WORDS.iter().any(|word| lower.contains(word)) || has_pass(&lower) || has_credentials(&lower)
}

/// `DB_PASS`, `--requirepass x`, and no `passenger`.
fn has_pass(text: &str) -> bool {
    text.split("pass").skip(1).any(|rest| !rest.starts_with(char::is_alphabetic))
}

/// `scheme://user:password@host`.
fn has_credentials(text: &str) -> bool {
    text.split("://").skip(1).any(|rest| {
        let authority = rest.split(['/', ' ', '?', '#', '"', '\'']).next().unwrap_or_default();
        authority.split_once('@').is_some_and(|(user, _)| user.contains(':'))
    })
}

#[cfg(test)]
mod tests {
    use super::may_be_secret;

    #[test]
    fn names_and_urls() {
        for text in [
            "DB_PASSWORD",
            "DB_PASS",
            "redis-server --requirepass x",
            "postgres://u:p@db/x",
            "STRIPE_API_KEY",
            "redis://:pw@r",
        ] {
            assert!(may_be_secret(text), "{text}");
        }
        for text in ["LOG_LEVEL", "http://web:8080/health", "user@example.org", "keyboard", "passenger"] {
            assert!(!may_be_secret(text), "{text}");
        }
    }
}
