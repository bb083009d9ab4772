//! What looks like a secret, by its name or its form.

use crate::compose::looks_secret;

/// Does this name of a variable, flag or key say that its value is secret?
pub(super) fn is_secret_name(name: &str) -> bool {
    let upper = name.to_ascii_uppercase().replace(['-', '.'], "_");
    let words: Vec<&str> = upper.split('_').filter(|word| !word.is_empty()).collect();
    let has = |wanted: &[&str]| words.iter().any(|word| wanted.contains(word));
    let ends = |suffix: &str| words.iter().any(|word| word.ends_with(suffix));
    // A file's path, a lifetime or an identifier is not the secret itself.
    let is_about = matches!(
        words.last().copied(),
        Some(
            "FILE"
                | "PATH"
                | "ID"
                | "TTL"
                | "EXPIRY"
                | "LENGTH"
                | "NAME"
                | "TIMEOUT"
                | "ALGORITHM"
                | "EXPIRES"
                | "URI"
                | "COUNT"
                | "ENABLED"
        )
    );
    if has(&["PUBLIC", "PUB"]) && !has(&["PASSWORD", "SECRET"]) {
        return false;
    }
    let is_key = has(&["KEY", "APIKEY", "KEYS"]) && !has(&["PREFIX", "KEYBOARD"]);
    let is_secret = ends("PASSWORD")
        || ends("PASSWD")
        || ends("PASSPHRASE")
        || ends("SECRET")
        || ends("SECRETS")
        || ends("TOKEN")
        || ends("TOKENS")
        || ends("CREDENTIAL")
        || ends("CREDENTIALS")
        || has(&["PASS", "PWD", "DSN", "PRIVATE", "REQUIREPASS", "MASTERAUTH", "SALT", "PEPPER", "HTPASSWD"])
        || is_key;
    is_secret && !is_about && words != ["PWD"]
}

/// Is it an address with a password in it, a private key or a token itself?
pub(super) fn is_secret_text(text: &str) -> bool {
    if text.contains("PRIVATE KEY-----") || looks_secret(text) {
        return true;
    }
    text.match_indices("://").any(|(at, _)| {
        let rest = text.get(at + 3..).unwrap_or_default();
        let authority = rest.split(['/', '?', '#', ' ', '"', '\'', ',']).next().unwrap_or_default();
        authority
            .rsplit_once('@')
            .is_some_and(|(user, _)| user.split_once(':').is_some_and(|(_, password)| !password.is_empty()))
    })
}

/// Is a file of this name kept for its secrets?
pub(super) fn is_secret_file(name: &str, text: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_kept =
        [".pem", ".key", ".p12", ".pfx", ".jks", ".htpasswd", ".pgpass", ".env", "id_rsa", "id_ed25519"]
            .iter()
            .any(|end| name.ends_with(end));
    let has_line = text.lines().any(|line| {
        let line = line.trim_start();
        if line.starts_with(['#', ';']) || line.starts_with("//") {
            return false;
        }
        let name: String =
            line.chars().take_while(|c| c.is_ascii_alphanumeric() || "_-.".contains(*c)).collect();
        let rest =
            line.get(name.len()..).unwrap_or_default().trim_start_matches([' ', '\t', ':', '=', '"', '\'']);
        let value = rest.split(['"', '\'', ' ', ';']).next().unwrap_or_default();
        !name.is_empty()
            && is_secret_name(&name)
            && !value.is_empty()
            && !value.starts_with(['$', '{', '<', '%', '/'])
    });
    is_kept && !text.contains("BEGIN CERTIFICATE")
        || text.contains("PRIVATE KEY-----")
        || is_secret_text(text)
        || has_line
}

#[cfg(test)]
mod tests {
    use super::{is_secret_file, is_secret_name, is_secret_text};

    #[test]
    fn a_name_says_that_it_is_secret() {
        for name in [
            "POSTGRES_PASSWORD",
            "API_KEY",
            "SECRET_KEY_BASE",
            "GITHUB_TOKEN",
            "SENTRY_DSN",
            "PGPASSWORD",
            "DB_PASS",
            "AWS_SECRET_ACCESS_KEY",
            "requirepass",
            "--auth-token",
        ] {
            assert!(is_secret_name(name), "{name}");
        }
        for name in [
            "AWS_ACCESS_KEY_ID",
            "POSTGRES_PASSWORD_FILE",
            "PUBLIC_KEY",
            "MONKEY",
            "KEYBOARD",
            "PWD",
            "TOKEN_TTL",
            "PATH",
            "PORT",
            "BYPASS_CACHE",
            "COMPASS",
        ] {
            assert!(!is_secret_name(name), "{name}");
        }
    }

    #[test]
    fn a_text_says_that_it_is_secret() {
        assert!(is_secret_text("postgres://app:hunter2@db:5432/app"));
        assert!(is_secret_text("amqp://guest:guest@mq"));
        for text in ["postgres://db:5432/app", "http://a@b/c", "http://web:8080/x@y", "redis://:@cache"] {
            assert!(!is_secret_text(text), "{text}");
        }
    }

    #[test]
    fn a_file_is_kept_for_its_secrets() {
        assert!(is_secret_file("tls.key", ""));
        assert!(is_secret_file("app.ini", "[db]\npassword = hunter2\n"));
        assert!(is_secret_file("redis.conf", "requirepass hunter2\n"));
        assert!(!is_secret_file("app.ini", "# password = none\npassword_file = /run/secrets/db\n"));
        assert!(!is_secret_file("nginx.conf", "proxy_set_header Host $host;\n"));
        assert!(!is_secret_file("ca.pem", "-----BEGIN CERTIFICATE-----\n"));
    }
}
