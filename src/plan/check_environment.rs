//! The environments of a plan, checked.

use std::collections::BTreeMap;

use super::{
    Confirmation, Environment, EnvironmentName,
    check::{Unique, label},
    cursor::Cursor,
    diagnostic::Findings,
    fill::RESERVED,
    shape::ENVIRONMENT,
    words::is_variable_name,
};

/// The list of environments.
pub(super) fn environments(cursor: &Cursor<'_>, findings: &mut Findings<'_>) -> Vec<Environment> {
    let mut names = Unique::new("environment name");
    let items = cursor.list(findings, "environment");
    items.iter().filter_map(|item| environment(item, findings, &mut names)).collect()
}

fn environment(cursor: &Cursor<'_>, findings: &mut Findings<'_>, names: &mut Unique) -> Option<Environment> {
    let fields = cursor.fields(findings, &ENVIRONMENT)?;
    let name = fields.get("name").and_then(|field| {
        let name = label(&field, findings, "an environment's name")?;
        names.see(&name, &field, findings);
        Some(name)
    });
    let namespace = fields.get("namespace").and_then(|field| label(&field, findings, "a namespace"));
    let context = fields.get("context").and_then(|field| field.text(findings).map(str::to_owned));
    let confirmation = fields.get("confirm").and_then(|field| {
        field.choice(findings, &[("button", Confirmation::Button), ("type-name", Confirmation::TypeName)])
    });
    let variables = fields.get("variables").map(|field| variables(&field, findings)).unwrap_or_default();
    Some(Environment {
        name: EnvironmentName(name.unwrap_or_default()),
        namespace: namespace.unwrap_or_default(),
        context,
        confirmation: confirmation.unwrap_or(Confirmation::Button),
        variables,
    })
}

fn variables(cursor: &Cursor<'_>, findings: &mut Findings<'_>) -> BTreeMap<String, String> {
    let mut variables = BTreeMap::new();
    for (name, value) in cursor.entries(findings, "`variables`").unwrap_or_default() {
        if RESERVED.contains(&name) {
            value.report(
                findings,
                format!("`{name}` is set by the environment itself"),
                "choose another name",
            );
        } else if !is_variable_name(name) {
            value.report(
                findings,
                format!("`{name}` cannot name a variable"),
                "lower-case letters, digits and `_`, a letter first",
            );
        }
        // A value that could not be read still counts as defined, or each use would be reported too.
        let text = value.text(findings).unwrap_or_default();
        variables.insert(name.to_owned(), text.to_owned());
    }
    variables
}
