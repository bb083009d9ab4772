//! Secrets that stand in a command line: found, so that they can be put there from a Secret.

use super::{secrecy, secret_values::SecretValues};

/// One value in a command line that is not to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Hidden {
    /// The value.
    pub(super) value: String,
    /// The name that the flag before it suggests for a variable.
    pub(super) variable: String,
}

/// What is secret in these arguments; `known`: values that are secret elsewhere.
pub(super) fn find(arguments: &[String], known: &SecretValues) -> Vec<Hidden> {
    let mut found: Vec<Hidden> = Vec::new();
    let words: Vec<&str> = arguments
        .iter()
        .flat_map(|argument| argument.split_whitespace())
        .map(|word| word.trim_matches(['"', '\'']))
        .collect();
    let program = |name: &str| words.iter().any(|word| word.rsplit('/').next() == Some(name));
    let is_mysql =
        ["mysql", "mysqladmin", "mysqldump", "mariadb", "mariadb-admin"].iter().any(|name| program(name));
    let is_mongo =
        ["mongo", "mongosh", "mongodump", "mongorestore", "mongoexport"].iter().any(|name| program(name));
    let is_curl = program("curl");
    let is_user = |word: &str| matches!(word, "-u" | "--user");
    let mut add = |value: &str, variable: String| {
        // A variable of the shell, a place holder, or a file that holds it.
        let is_path = value.starts_with('/') && value.matches('/').count() > 1;
        let is_value = !value.is_empty() && !value.starts_with(['$', '%']) && !is_path;
        if is_value && !found.iter().any(|hidden| hidden.value == value) {
            found.push(Hidden { value: value.to_owned(), variable });
        }
    };
    // An item of the list is one word to the program, whatever is in it.
    for (index, argument) in arguments.iter().enumerate() {
        let is_flag =
            argument.starts_with('-') && !argument.contains(|c: char| c == '=' || c.is_whitespace());
        if let Some((flag, value)) = argument.split_once('=').filter(|_| argument.starts_with('-'))
            && secrecy::is_secret_name(flag)
        {
            add(value, variable_of(flag));
        } else if is_flag && secrecy::is_secret_name(argument) {
            let next = arguments.get(index + 1).map(String::as_str).unwrap_or_default();
            if !next.starts_with('-') {
                add(next, variable_of(argument));
            }
        }
    }
    for (index, word) in words.iter().enumerate() {
        let next = words.get(index + 1).copied().unwrap_or_default();
        if let Some((flag, value)) = word.split_once('=')
            && secrecy::is_secret_name(flag)
        {
            add(value, variable_of(flag));
        } else if word.starts_with('-') && !word.contains('=') && secrecy::is_secret_name(word) {
            if !next.starts_with('-') {
                add(next, variable_of(word));
            }
        } else if let Some((_, password)) = next.split_once(':').filter(|_| is_curl && is_user(word)) {
            add(password, "USER_PASSWORD".to_owned());
        } else if *word == "-p" && (is_mongo || program("sshpass")) {
            add(next, "PASSWORD".to_owned());
        } else if *word == "-a" && program("redis-cli") {
            add(next, "REDIS_PASSWORD".to_owned());
        } else if let Some(value) = word.strip_prefix("-p").filter(|_| is_mysql || program("sshpass")) {
            add(value, if is_mysql { "MYSQL_PASSWORD" } else { "PASSWORD" }.to_owned());
        } else if secrecy::is_secret_text(word) {
            add(word, format!("ARGUMENT_{index}"));
        }
    }
    for value in arguments.iter().flat_map(|argument| known.found_in(argument)) {
        add(value, "ARGUMENT_SECRET".to_owned());
    }
    // The longest first: a value may hold another.
    found.sort_by_key(|hidden| std::cmp::Reverse(hidden.value.len()));
    found
}

/// `--auth-token` as `AUTH_TOKEN`.
fn variable_of(flag: &str) -> String {
    let name: String =
        flag.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_uppercase() } else { '_' }).collect();
    name.trim_matches('_').to_owned()
}

#[cfg(test)]
mod tests {
    use super::{super::secret_values::SecretValues, find};

    fn values(arguments: &[&str]) -> Vec<(String, String)> {
        let arguments: Vec<String> = arguments.iter().map(|text| (*text).to_owned()).collect();
        find(&arguments, &SecretValues::default())
            .into_iter()
            .map(|hidden| (hidden.variable, hidden.value))
            .collect()
    }

    #[test]
    fn a_value_behind_a_telling_flag_is_found() {
        let pair = |name: &str, value: &str| vec![(name.to_owned(), value.to_owned())];
        assert_eq!(values(&["redis-server", "--requirepass", "hunter2"]), pair("REQUIREPASS", "hunter2"));
        assert_eq!(values(&["sh", "-c", "run --api-key=hunter2 x"]), pair("API_KEY", "hunter2"));
        assert_eq!(values(&["redis-cli", "-a", "hunter2", "ping"]), pair("REDIS_PASSWORD", "hunter2"));
        assert_eq!(values(&["mysqladmin", "ping", "-phunter2"]), pair("MYSQL_PASSWORD", "hunter2"));
        assert_eq!(
            values(&["app", "--password", "two words", "--x"])[0],
            ("PASSWORD".to_owned(), "two words".to_owned())
        );
        assert_eq!(values(&["app", "--password=-dash"]), pair("PASSWORD", "-dash"));
        assert_eq!(values(&["app", "--password", "/slash"]), pair("PASSWORD", "/slash"));
        assert_eq!(values(&["mongosh", "-u", "root", "-p", "hunter2"]), pair("PASSWORD", "hunter2"));
        assert_eq!(values(&["curl", "-u", "admin:hunter2", "http://x"]), pair("USER_PASSWORD", "hunter2"));
        assert_eq!(values(&["sshpass", "-phunter2", "ssh"]), pair("PASSWORD", "hunter2"));
        assert_eq!(values(&["app", "--password", "--verbose"]), []);
        assert_eq!(values(&["app", "--password", "$PASSWORD"]), []);
        assert_eq!(values(&["app", "--password-file=/run/secrets/x", "-p", "80"]), []);
    }
}
