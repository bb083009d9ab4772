//! A service's variables: those that may be read go to a ConfigMap, the others come from a Secret that is made by hand.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    desk::Desk,
    names, secrecy,
    yaml::{Map, Yaml, row, text},
};
use crate::compose::{EnvironmentValue, Service};

/// A service's variables.
#[derive(Clone, Debug, Default)]
pub(super) struct Environment {
    /// What its ConfigMap holds.
    pub(super) config: BTreeMap<String, String>,
    /// Names of those that likely differ between environments.
    pub(super) varying: BTreeSet<String>,
    /// Names that come from its Secret.
    pub(super) secret: BTreeSet<String>,
    /// Names that no ConfigMap can hold, with their values.
    plain: BTreeMap<String, String>,
}

impl Environment {
    /// `envFrom` and `env` of its container.
    pub(super) fn put_into(&self, mut container: Map, name: &str) -> Map {
        if !self.config.is_empty() {
            let config = format!("{name}-config");
            let from = row([("configMapRef", Yaml::Map(row([("name", text(config))])))]);
            container.put("envFrom", vec![from]);
        }
        let secret = |key: &String| {
            let from = row([("name", text(format!("{name}-secrets"))), ("key", text(key))]);
            row([("name", text(key)), ("valueFrom", Yaml::Map(row([("secretKeyRef", Yaml::Map(from))])))])
        };
        let plain = |(name, value): (&String, &String)| {
            row([("name", text(name)), ("value", text(value.replace("$(", "$$(")))])
        };
        let list: Vec<Map> = self.secret.iter().map(secret).chain(self.plain.iter().map(plain)).collect();
        if !self.secret.is_empty() {
            container = container.note("Made by hand in week 1 and never kept in this repository.");
        }
        container.with_some("env", Some(list))
    }
}

/// Names whose values usually differ between environments.
fn is_varying(name: &str, value: &EnvironmentValue) -> bool {
    const WORDS: [&str; 9] =
        ["ENV", "ENVIRONMENT", "DEBUG", "DOMAIN", "PROFILE", "PROFILES", "HOSTNAME", "ORIGIN", "ORIGINS"];
    let upper = name.to_ascii_uppercase();
    !value.variables.is_empty()
        || upper.ends_with("LOG_LEVEL")
        || upper.split('_').any(|word| WORDS.contains(&word))
}

/// Is the value of this variable not to be written?
pub(super) fn is_secret(name: &str, value: &str) -> bool {
    let is_switch =
        matches!(value.to_ascii_lowercase().as_str(), "" | "true" | "false" | "yes" | "no" | "0" | "1");
    // A variable that names a secret variable, as in ${DB_PASSWORD}, is not enough: only its own value counts.
    !is_switch && (secrecy::is_secret_name(name) || secrecy::is_secret_text(value))
}

/// Values that are secret in one place and must not be written in another either.
pub(super) fn secret_values(services: &BTreeMap<String, Service>) -> BTreeSet<String> {
    let values = |wanted: bool| {
        services.values().flat_map(move |service| {
            service.environment.iter().filter_map(move |(name, value)| {
                let value = &value.value.as_ref()?.value;
                (is_secret(name, value) == wanted).then(|| value.clone())
            })
        })
    };
    let open: BTreeSet<String> = values(false).chain(services.keys().cloned()).collect();
    values(true).filter(|value| value.chars().count() >= 6 && !open.contains(value)).collect()
}

/// The service's variables, with what each key became.
pub(super) fn of(desk: &mut Desk<'_>, service: &Service, hosts: &BTreeMap<String, String>) -> Environment {
    let name = desk.names.of(&service.name).to_owned();
    let mut environment = Environment::default();
    for (variable, value) in &service.environment {
        let path = &value.named.path;
        if variable.is_empty()
            || variable.contains('=')
            || !variable.chars().all(|c| c.is_ascii_graphic() || c == ' ')
        {
            desk.ledger
                .not_mapped(path, "Kubernetes refuses a variable of this name; rename it in the application");
            continue;
        }
        let is_secret_variable = value.variables.iter().any(|name| secrecy::is_secret_name(name));
        match &value.value {
            None if secrecy::is_secret_name(variable) && names::is_key(variable) => {
                desk.needs_secret(&format!("{name}-secrets"), variable, "whatever the shell had that compose was started from", false);
                environment.secret.insert(variable.clone());
                desk.ledger.mapped(path, format!("the key {variable} of the Secret {name}-secrets, which is made by hand"));
            }
            None => desk.ledger.not_mapped(path, format!("it has no value here: put it into kubernetes/base/{name}-config.yml if the application needs it")),
            Some(placed) if (is_secret(variable, &placed.value) || is_secret_variable || desk.holds_secret(&placed.value)) && names::is_key(variable) => {
                let mut from = if value.variables.is_empty() {
                    format!("as in {}", value.named.origin)
                } else {
                    format!("from {}", value.variables.join(", "))
                };
                if rewritten(&placed.value, hosts) != placed.value {
                    from.push_str(", with the hosts' new names");
                }
                desk.needs_secret(&format!("{name}-secrets"), variable, from, false);
                environment.secret.insert(variable.clone());
                desk.ledger.mapped(path, format!("the key {variable} of the Secret {name}-secrets, which is made by hand; its value is not written anywhere"));
            }
            Some(placed) => {
                let text = rewritten(&placed.value, hosts);
                let config = format!("the ConfigMap {name}-config");
                if text == placed.value {
                    desk.ledger.mapped(path, config.clone());
                } else {
                    desk.ledger.approximated(path, format!("{config}, with the hosts' new names: {}", changed_hosts(&placed.value, hosts)));
                }
                if is_varying(variable, value) {
                    environment.varying.insert(variable.clone());
                }
                if names::is_key(variable) {
                    environment.config.insert(variable.clone(), text);
                } else {
                    environment.plain.insert(variable.clone(), text);
                }
            }
        }
    }
    env_files(desk, service, &environment, &name);
    environment
}

fn env_files(desk: &mut Desk<'_>, service: &Service, environment: &Environment, name: &str) {
    for file in &service.env_files {
        let shown = file.value.path.display().to_string();
        let of_file = |variable: &&String| {
            service.environment.get(*variable).is_some_and(|value| {
                value.from_file
                    && (service.env_files.len() == 1
                        || value.named.origin.file.ends_with(shown.trim_start_matches("./")))
            })
        };
        let list = |names: Vec<&String>| names.into_iter().map(String::as_str).collect::<Vec<_>>().join(", ");
        let open = list(environment.config.keys().filter(of_file).collect());
        let secret = list(environment.secret.iter().filter(of_file).collect());
        let mut told = Vec::new();
        if !open.is_empty() {
            told.push(format!("{open} in the ConfigMap {name}-config"));
        }
        if !secret.is_empty() {
            told.push(format!(
                "{secret} in the Secret {name}-secrets, whose values are not written anywhere"
            ));
        }
        if told.is_empty() {
            told.push("nothing of it that `environment` does not say".to_owned());
        }
        desk.ledger.mapped(&file.path, told.join("; "));
    }
}

/// The text with hosts by their new names, where it names them as hosts: `//host`, `@host`, `host:80`, or all of it.
pub(super) fn rewritten(text: &str, hosts: &BTreeMap<String, String>) -> String {
    if hosts.is_empty() {
        return text.to_owned();
    }
    let is_word = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while !rest.is_empty() {
        let length = rest.find(|c: char| !is_word(c)).unwrap_or(rest.len());
        let (word, after) = rest.split_at(length);
        let is_host = word.len() == text.len()
            || out.ends_with("//")
            || out.ends_with('@')
            || (after.starts_with(':') && after.chars().nth(1).is_some_and(|c| c.is_ascii_digit()));
        match hosts.get(word) {
            Some(new) if is_host => out.push_str(new),
            _ => out.push_str(word),
        }
        let mut characters = after.chars();
        out.extend(characters.next());
        rest = characters.as_str();
    }
    out
}

fn changed_hosts(text: &str, hosts: &BTreeMap<String, String>) -> String {
    let told: Vec<String> = hosts
        .iter()
        .filter(|(old, _)| text.contains(old.as_str()))
        .map(|(old, new)| format!("{old} is {new}"))
        .collect();
    told.join(", ")
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::{is_secret, rewritten};

    #[test]
    fn a_host_is_renamed_where_it_is_named_as_one() {
        let hosts = BTreeMap::from([("my_app".to_owned(), "my-app".to_owned())]);
        assert_eq!(rewritten("http://my_app:3000/my_app", &hosts), "http://my-app:3000/my_app");
        assert_eq!(rewritten("my_app", &hosts), "my-app");
        assert_eq!(rewritten("a,my_app:80", &hosts), "a,my-app:80");
        assert_eq!(rewritten("user my_app", &hosts), "user my_app");
    }

    #[test]
    fn a_switch_is_no_secret() {
        assert!(!is_secret("MYSQL_ALLOW_EMPTY_PASSWORD", "yes"));
        assert!(is_secret("POSTGRES_PASSWORD", "hunter2"));
        assert!(is_secret("DATABASE_URL", "postgres://a:b@db/x"));
    }
}
