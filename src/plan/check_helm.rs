//! A helm step, checked: a chart whose version cannot move, and a release with a name that helm takes.

use std::path::PathBuf;

use serde_json::{Map, Value};

use super::{
    ChartSource, Environment, HelmChart, StepPath,
    check_text::{PathTarget, templated, templated_that},
    cursor::{Cursor, Fields},
    diagnostic::Findings,
    node::Node,
    reference::{Reference, ReferenceSort},
    shape::HELM,
    words::label_error,
};
use crate::words::without_credentials;

/// The longest name of a release that helm takes.
const LONGEST_RELEASE: usize = 53;

/// What a helm step is read within.
pub(super) struct HelmScope<'s> {
    pub(super) here: &'s [Environment],
    pub(super) step: &'s StepPath,
    pub(super) references: &'s mut Vec<Reference>,
}

/// Reads what is under `helm`.
pub(super) fn helm(
    cursor: &Cursor<'_>,
    findings: &mut Findings<'_>,
    mut scope: HelmScope<'_>,
) -> Option<HelmChart> {
    let fields = cursor.fields(findings, &HELM)?;
    let chart = chart(&fields, findings, &mut scope);
    let version = version(&fields, findings, scope.here, chart.as_ref());
    let release = fields.get("release").and_then(|field| name(&field, findings, scope.here, "a release"));
    if release.is_none() && fields.get("release").is_none() && scope.step.step.len() > LONGEST_RELEASE {
        let message = format!("the step's id is too long for a release ({LONGEST_RELEASE} characters)");
        cursor.report(findings, message, "name the `release`");
    }
    let namespace =
        fields.get("namespace").and_then(|field| name(&field, findings, scope.here, "a namespace"));
    let files = fields.get("values").map(|field| field.list(findings, "path")).unwrap_or_default();
    let mut target = scope.target(ReferenceSort::Values);
    let values: Vec<PathBuf> = files.iter().filter_map(|file| target.path(file, findings)).collect();
    let set = match fields.get("set") {
        Some(field) if !matches!(field.node(), Node::Map(_)) => {
            let message = format!("`set` is a mapping of values, not {}", field.node().sort());
            field.report(findings, message, "write it as a values file is written");
            Value::Null
        }
        Some(field) => tree(&field, findings, scope.here),
        None => Value::Null,
    };
    Some(HelmChart {
        chart: chart?,
        version,
        release: release.unwrap_or_else(|| scope.step.step.clone()),
        namespace,
        values,
        set,
    })
}

impl HelmScope<'_> {
    fn target(&mut self, sort: ReferenceSort) -> PathTarget<'_> {
        PathTarget { here: self.here, step: self.step, sort, references: self.references }
    }
}

fn chart(fields: &Fields<'_>, findings: &mut Findings<'_>, scope: &mut HelmScope<'_>) -> Option<ChartSource> {
    let field = fields.get("chart")?;
    let Node::Text(text) = field.node() else {
        field.text(findings)?;
        return None;
    };
    let repository = fields.get("repository");
    if text.starts_with("oci://") {
        if repository.is_some() {
            let message = "`repository` means nothing for a chart with an address of its own";
            fields.report_key(findings, "repository", message, "remove it");
        }
        return templated_that(&field, findings, scope.here, oci_error).map(ChartSource::Registry);
    }
    if text.contains("://") {
        let message = format!("`{text}` is no chart: an address is oci://…");
        field.report(findings, message, "for a repository that is served over HTTP, name it in `repository`");
        return None;
    }
    let Some(repository) = repository else {
        return scope.target(ReferenceSort::Chart).path(&field, findings).map(ChartSource::Folder);
    };
    let name = templated_that(&field, findings, scope.here, |filled| {
        filled.contains(['/', ' ']).then(|| format!("`{filled}` cannot be a chart's name in a repository"))
    });
    let url = templated_that(&repository, findings, scope.here, repository_error);
    Some(ChartSource::Repository { url: url?, name: name? })
}

/// Credentials would be shown, journalled, and kept in the cluster's record with the address.
fn credentials_error(filled: &str) -> Option<String> {
    let (scheme, rest) = filled.split_once("://")?;
    let host = rest.split('/').next().unwrap_or_default().rsplit_once('@')?.1;
    let instead = if scheme == "oci" {
        format!("leave them out and log in with `helm registry login {host}`")
    } else {
        "leave them out: fetch the chart with `helm pull` and keep it in a folder of the plan, or take it from an OCI \
         registry, which helm can log in to"
            .to_owned()
    };
    Some(format!("`{}` has credentials in it: {instead}", without_credentials(filled)))
}

fn oci_error(filled: &str) -> Option<String> {
    let rest = filled.strip_prefix("oci://")?;
    if let Some(error) = credentials_error(filled) {
        return Some(error);
    }
    let (host, path) = rest.split_once('/').unwrap_or((rest, ""));
    let last = path.rsplit('/').next().unwrap_or_default();
    if host.is_empty() || last.is_empty() {
        return Some(format!("`{filled}` is not oci://REGISTRY/PATH/NAME"));
    }
    (last.contains([':', '@']))
        .then(|| format!("`{filled}` has a tag or digest in it: write the version under `version`"))
}

fn repository_error(filled: &str) -> Option<String> {
    if let Some(error) = credentials_error(filled) {
        return Some(error);
    }
    let local = ["http://127.0.0.1", "http://localhost"].iter().any(|local| {
        filled.strip_prefix(local).is_some_and(|rest| rest.is_empty() || rest.starts_with([':', '/']))
    });
    (!local && !filled.starts_with("https://"))
        .then(|| format!("`{filled}` cannot be a repository: it is reached over https"))
}

fn version(
    fields: &Fields<'_>,
    findings: &mut Findings<'_>,
    here: &[Environment],
    chart: Option<&ChartSource>,
) -> Option<String> {
    let hint = match chart {
        Some(ChartSource::Repository { url, name }) => {
            format!("`helm search repo --versions` or `helm show chart {name} --repo {url}` names them")
        }
        Some(ChartSource::Registry(address)) => format!("`helm show chart {address}` names the newest one"),
        _ => String::new(),
    };
    match (fields.get("version"), chart) {
        (Some(_), Some(ChartSource::Folder(_))) => {
            let message = "a chart in the plan's folder has its version in its Chart.yaml";
            fields.report_key(findings, "version", message, "remove it");
            None
        }
        (None, Some(ChartSource::Registry(_) | ChartSource::Repository { .. })) => {
            let message = "the chart's version is not pinned: what is installed could change by itself";
            fields.report_key(findings, "chart", message, &format!("add `version`; {hint}"));
            None
        }
        (Some(field), _) => {
            let before = findings.diagnostics.len();
            let version = templated_that(&field, findings, here, |filled| {
                (!is_exact(filled)).then(|| {
                    format!("`{filled}` is no exact version, so what is installed could change by itself")
                })
            });
            for finding in findings.diagnostics.iter_mut().skip(before) {
                let unhelped = finding.hint.is_none() && !hint.is_empty();
                if unhelped {
                    finding.hint = Some(format!("write it as in 1.2.3; {hint}"));
                }
            }
            version
        }
        (None, _) => None,
    }
}

/// `MAJOR.MINOR.PATCH`, with whatever semver lets follow.
fn is_exact(version: &str) -> bool {
    let plain = version.strip_prefix('v').unwrap_or(version);
    let (core, rest) = plain.find(['-', '+']).map_or((plain, ""), |place| plain.split_at(place));
    let numbers: Vec<&str> = core.split('.').collect();
    let is_number = |text: &&str| !text.is_empty() && text.chars().all(|letter| letter.is_ascii_digit());
    let may_follow = |letter: char| letter.is_ascii_alphanumeric() || ".-+".contains(letter);
    numbers.len() == 3 && numbers.iter().all(is_number) && rest.chars().all(may_follow) && rest.len() != 1
}

fn name(field: &Cursor<'_>, findings: &mut Findings<'_>, here: &[Environment], what: &str) -> Option<String> {
    let longest = if what == "a release" { LONGEST_RELEASE } else { 63 };
    templated_that(field, findings, here, |filled| {
        if filled.len() > longest {
            return Some(format!(
                "`{filled}` cannot be {what}'s name: it has more than {longest} characters"
            ));
        }
        label_error(filled).map(|error| format!("`{filled}` cannot be {what}'s name: {error}"))
    })
}

/// A tree of values as it is written, its texts checked for variables.
fn tree(cursor: &Cursor<'_>, findings: &mut Findings<'_>, here: &[Environment]) -> Value {
    match cursor.node() {
        Node::Null => Value::Null,
        Node::Boolean(value) => Value::Bool(*value),
        Node::Number(number) => Value::Number(number.clone()),
        Node::Text(text) if text.trim().is_empty() => Value::from(text.as_str()),
        Node::Text(text) => {
            templated(cursor, findings, here);
            Value::from(text.as_str())
        }
        Node::List(_) => cursor.items().iter().map(|item| tree(item, findings, here)).collect(),
        Node::Map(_) => {
            let entries = cursor.entries(findings, "`set`").unwrap_or_default();
            let fields =
                entries.into_iter().map(|(name, item)| (name.to_owned(), tree(&item, findings, here)));
            Value::Object(fields.collect::<Map<String, Value>>())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{is_exact, oci_error, repository_error};

    #[test]
    fn only_a_version_that_cannot_move_is_exact() {
        for exact in ["1.2.3", "v1.2.3", "88.1.0-rc.1", "1.0.0+build.5"] {
            assert!(is_exact(exact), "{exact}");
        }
        for range in ["^1.2.3", "~1.2", "1.2.x", "1", "1.2", ">=1.0.0", "1.2.3 - 2.0.0", "latest", "1.2.3-"] {
            assert!(!is_exact(range), "{range}");
        }
    }

    #[test]
    fn a_chart_is_reached_by_a_whole_address() {
        assert_eq!(oci_error("oci://ghcr.io/charts/web"), None);
        assert!(oci_error("oci://ghcr.io/charts/web:1.2.3").unwrap().contains("version"));
        assert!(oci_error("oci://ghcr.io").is_some());
        assert_eq!(repository_error("https://charts.example"), None);
        assert_eq!(repository_error("http://127.0.0.1:5000"), None);
        assert!(repository_error("http://127.0.0.1.example").is_some());
        assert!(repository_error("http://charts.example").is_some());
        for (error, instead) in [
            (repository_error("https://user:CANARY@charts.example"), "helm pull"),
            (oci_error("oci://user:CANARY@ghcr.io/charts/web"), "helm registry login ghcr.io"),
        ] {
            let error = error.unwrap();
            assert!(error.contains("credentials") && error.contains(instead), "{error}");
            assert!(!error.contains("CANARY"), "{error}");
        }
    }
}
