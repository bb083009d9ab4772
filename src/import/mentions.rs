//! Who names whom in an environment value or a command: `http://api:3000` names the host `api` and its port.

use std::collections::{BTreeMap, BTreeSet};

use crate::compose::{Project, Service};

/// One place where a host is named.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Mention {
    /// The service in whose environment or command it is.
    pub(super) by: String,
    /// The variable, or `command`.
    pub(super) at: String,
    /// The port behind it.
    pub(super) port: Option<u16>,
}

/// Every host that is named, by its name.
#[derive(Debug, Default)]
pub(super) struct Mentions(BTreeMap<String, BTreeSet<Mention>>);

impl Mentions {
    pub(super) fn collect(project: &Project) -> Self {
        let mut found = Self::default();
        for service in project.services.values() {
            for (name, value) in &service.environment {
                if let Some(value) = &value.value {
                    found.read(service, name, &value.value);
                }
            }
            for argument in service.command.iter().chain(&service.entrypoint).flat_map(|list| &list.value) {
                found.read(service, "command", argument);
            }
        }
        found
    }

    fn read(&mut self, service: &Service, at: &str, text: &str) {
        let is_apart = |c: char| !(c.is_ascii_alphanumeric() || "._-:".contains(c));
        for token in text.split(is_apart).filter(|token| token.len() > 1) {
            let mut parts = token.split(':');
            let host = parts.next().unwrap_or_default();
            let port = parts.next().and_then(|port| port.parse().ok());
            if !host.is_empty() && !host.chars().all(|c| c.is_ascii_digit()) {
                let mention = Mention { by: service.name.clone(), at: at.to_owned(), port };
                self.0.entry(host.to_owned()).or_default().insert(mention);
            }
        }
    }

    /// Where others than the service itself name this host.
    pub(super) fn of<'a>(&'a self, host: &str, service: &'a str) -> impl Iterator<Item = &'a Mention> {
        self.0.get(host).into_iter().flatten().filter(move |mention| mention.by != service)
    }

    /// As in `web (API_URL), worker (command)`; empty when nobody names it.
    pub(super) fn told(&self, host: &str, service: &str) -> String {
        let places: Vec<String> =
            self.of(host, service).map(|mention| format!("{} ({})", mention.by, mention.at)).collect();
        places.join(", ")
    }
}
