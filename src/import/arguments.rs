//! Command lines: secrets come from variables of the service's Secret, and hosts have their new names.

use std::collections::BTreeMap;

use super::{
    desk::Desk,
    environment::{Environment, rewritten},
    hidden::{self, Hidden},
};
use crate::compose::Service;

/// The arguments with secrets replaced by variables (`$(NAME)`) of the service's Secret, and with the hosts' new names.
pub(super) fn of(
    desk: &mut Desk<'_>,
    service: &Service,
    environment: &mut Environment,
    hosts: &BTreeMap<String, String>,
    arguments: &[String],
    path: &str,
) -> Option<Vec<String>> {
    let found = hidden::find(arguments, &desk.secret_values);
    if is_unfound(desk, service, &found, path) {
        return None;
    }
    let variables: Vec<(Hidden, String)> = found
        .into_iter()
        .map(|hidden| {
            let name = variable_for(desk, service, environment, &hidden, path);
            (hidden, name)
        })
        .collect();
    let mut is_changed = false;
    let written = arguments.iter().map(|argument| {
        // What looks like a variable of Kubernetes is the shell's here.
        let mut written = argument.replace("$(", "$$(");
        for (hidden, name) in &variables {
            if written.contains(&hidden.value) {
                written = written.replace(&hidden.value, &format!("$({name})"));
            }
        }
        let named = rewritten(&written, hosts);
        is_changed |= named != written;
        named
    });
    let written = written.collect();
    if is_changed {
        desk.ledger.approximated(path, "with the hosts' new names");
    }
    Some(written)
}

/// Is there a secret variable in the text whose value was not found in it? Then the text is not written.
pub(super) fn is_unfound(desk: &mut Desk<'_>, service: &Service, found: &[Hidden], path: &str) -> bool {
    let named = desk.secrets_named_at(path);
    if named.is_empty() || named.len() <= found.len() {
        return false;
    }
    let names = named.join(", ");
    desk.ledger
        .not_mapped(path, format!("it names {names}, whose value must not be written; see the question"));
    desk.ask(
        &service.name,
        Some(&service.origin),
        format!("how does {path} get {names}? Name it in `environment`, and write it as $({}) in args, or as a variable of the shell", named.first().map_or("", String::as_str)),
        "the image's own command, or no probe",
    );
    true
}

/// The variable of the service's Secret that holds this value, made where there is none.
pub(super) fn variable_for(
    desk: &mut Desk<'_>,
    service: &Service,
    environment: &mut Environment,
    hidden: &Hidden,
    path: &str,
) -> String {
    let name = desk.names.of(&service.name).to_owned();
    let held = environment.secret.iter().find(|name| {
        let value = service.environment.get(*name).and_then(|value| value.value.as_ref());
        value.is_some_and(|value| value.value == hidden.value)
    });
    let variable = held.cloned().unwrap_or_else(|| {
        let mut variable = hidden.variable.clone();
        while environment.config.contains_key(&variable) || service.environment.contains_key(&variable) {
            variable.push_str("_ARGUMENT");
        }
        variable
    });
    environment.secret.insert(variable.clone());
    desk.needs_secret(
        &format!("{name}-secrets"),
        &variable,
        "from the command line in the compose file",
        false,
    );
    desk.ledger
        .approximated(path, format!("the secret in it comes as {variable} from the Secret {name}-secrets"));
    variable
}
