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
    WORDS.iter().any(|word| lower.contains(word))
        || has_pass(&lower)
        || has_credentials(&lower)
        || looks_secret(text)
}

/// How tokens and hashed passwords begin, by what their makers document, and what is behind it at least, in
/// characters.
const BEGINNINGS: [(&str, usize); 35] = [
    // GitHub, GitLab.
    ("ghp_", 8),
    ("gho_", 8),
    ("ghu_", 8),
    ("ghs_", 8),
    ("ghr_", 8),
    ("github_pat_", 8),
    ("glpat-", 8),
    // Stripe, SendGrid, OpenAI.
    ("sk_live_", 4),
    ("sk_test_", 4),
    ("rk_live_", 4),
    ("whsec_", 8),
    ("SG.", 12),
    ("sk-", 16),
    // Slack.
    ("xoxa-", 8),
    ("xoxb-", 8),
    ("xoxp-", 8),
    ("xoxr-", 8),
    ("xapp-", 8),
    // AWS, Google, npm, Docker, DigitalOcean.
    ("AKIA", 12),
    ("ASIA", 12),
    ("AIza", 20),
    ("npm_", 20),
    ("dckr_pat_", 8),
    ("dop_v1_", 8),
    // A signed JSON Web Token.
    ("eyJ", 16),
    // crypt(3) and htpasswd.
    ("$apr1$", 4),
    ("$2a$", 4),
    ("$2b$", 4),
    ("$2y$", 4),
    ("$1$", 4),
    ("$5$", 4),
    ("$6$", 4),
    ("$argon2", 4),
    ("{SHA}", 4),
    ("{SSHA}", 4),
];

/// Addresses whose path is the secret.
const HOOKS: [&str; 5] = [
    "hooks.slack.com/services/",
    "discord.com/api/webhooks/",
    "discordapp.com/api/webhooks/",
    "webhook.office.com/",
    "api.telegram.org/bot",
];

/// Does a value look like a token or a password by itself, whatever it is called, or does it hold a pair that says so,
/// as in `Server=db;Password=x` and `{"pass": "x"}`?
#[must_use]
pub fn looks_secret(text: &str) -> bool {
    let text = text.replace("$$", "$");
    HOOKS.iter().any(|hook| text.contains(hook)) || text.split(is_between).any(is_token) || holds_pair(&text)
}

fn is_between(character: char) -> bool {
    character.is_whitespace() || "\"'`,;=:@?&#|()<>[]".contains(character)
}

fn is_token(word: &str) -> bool {
    let word = word.rsplit_once('/').filter(|_| !word.starts_with(['$', '{'])).map_or(word, |(_, last)| last);
    BEGINNINGS
        .iter()
        .any(|(beginning, least)| word.strip_prefix(beginning).is_some_and(|rest| rest.len() >= *least))
}

/// `Authorization: Bearer x`, `-Dpassword=x`, `"pass":"x"`.
fn holds_pair(text: &str) -> bool {
    const NAMES: [&str; 9] =
        ["password", "passwd", "passphrase", "pass", "pwd", "secret", "token", "apikey", "authorization"];
    let plain: String = text.chars().filter(|character| !matches!(character, '"' | '\'')).collect();
    let mut last = "";
    for piece in plain.split(|character: char| character.is_whitespace() || ";,&?{}()".contains(character)) {
        let (name, value) = piece.split_once(['=', ':']).unwrap_or((piece, ""));
        let name = name.to_ascii_lowercase().replace(['-', '_', '.'], "");
        let is_told = NAMES.iter().any(|end| name.ends_with(end)) && piece.contains(['=', ':']);
        let is_value = |value: &str| {
            !value.is_empty() && !value.starts_with(['$', '%', '<', '/', '*']) && !is_switch(value)
        };
        if is_told && is_value(value) || matches!(last, "Bearer" | "Basic") && is_value(piece) {
            return true;
        }
        // The value may come behind a blank.
        if last == "told" && is_value(piece) && !matches!(piece, "Bearer" | "Basic") {
            return true;
        }
        last = match piece {
            "Bearer" | "Basic" => piece,
            _ if is_told && value.is_empty() => "told",
            _ => "",
        };
    }
    false
}

fn is_switch(value: &str) -> bool {
    ["true", "false", "yes", "no", "on", "off", "0", "1", "none", "null"]
        .contains(&value.to_ascii_lowercase().as_str())
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
    use super::{looks_secret, may_be_secret};

    #[test]
    fn values_that_say_it_themselves() {
        for text in [
            "ghp_0123456789abcdef",
            "sk_live_CANARY1",
            "SG.CANARYCANARY1",
            "AKIAIOSFODNN7EXAMPLE",
            "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc",
            "https://hooks.slack.com/services/T0/B0/x",
            "Basic dXNlcjpwYXNz",
            "Server=db;Database=a;Password=hunter2;",
            "{\"user\":\"x\",\"pass\":\"hunter2\"}",
            "-Xmx1g -Dpassword=hunter2",
            "admin:$$apr1$$CANARY2$$x",
            "admin:$2y$05$abcdefgh",
            "curl -H 'Authorization: Bearer abc' http://x",
            "X-Api-Key: hunter2 X-Auth-Token: hunter2",
            "https://example.org/x?token=hunter2",
        ] {
            assert!(looks_secret(text), "{text}");
        }
        for text in [
            "production",
            "http://web:8080/health",
            "sk-learn",
            "-Xmx1g -Dspring.profiles.active=prod",
            "token_ttl=3600",
            "password=$PASSWORD",
            "authorization: true",
            "PathPrefix(`/api`)",
            "nginx:1.29@sha256:0123456789abcdef",
            "admin:admin",
            "a:b,c:d",
        ] {
            assert!(!looks_secret(text), "{text}");
        }
    }

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
